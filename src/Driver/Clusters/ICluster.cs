using MicroSpark.Model;
using MicroSpark.Storage;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Driver.Clusters;

/// <summary>The cluster that a context works with: silos of this process, or others'.</summary>
internal interface ICluster : IAsyncDisposable
{
    IGrainFactory Grains { get; }

    IBlockTransport Transport { get; }

    /// <summary>Makes the log to which advice to the program's author goes.</summary>
    ILoggerFactory Logs { get; }

    /// <summary>Whether the silos are in this process and share its memory and code.</summary>
    bool SharesMemory { get; }

    /// <summary>Attempts of one task when no setting says otherwise.</summary>
    int MaxTaskFailures { get; }

    /// <summary>
    /// The longest that one watching call waits. Orleans does not tell an outside client that the silo it waits for died, so those ask
    /// more often.
    /// </summary>
    TimeSpan Slice { get; }

    /// <summary>The workers that are alive now.</summary>
    /// <param name="silence">What to make of it when nobody answers.</param>
    Task<IReadOnlyList<WorkerId>> WorkersAsync(CancellationToken cancellationToken, Silence? silence = null);

    /// <summary>The slots of all live workers, once all that are expected are there.</summary>
    Task<int> CountSlotsAsync(CancellationToken cancellationToken);
}
