using MicroSpark.Tasks;

namespace MicroSpark.Grains.Contracts;

/// <summary>
/// Why a stage ended before all of its partitions were there: one of the closed set below. It goes up, as it is, from the stage where it
/// began to the job that wanted it.
/// </summary>
[GenerateSerializer, Immutable, Alias("microspark.StageFailure")]
internal abstract record StageFailure
{
    private StageFailure()
    {
    }

    /// <summary>One of its tasks did not succeed for good.</summary>
    public static StageFailure Of(int stage, TaskReport report) => report.End switch
    {
        TaskEnd.Failed => new TaskFailed(stage, report),
        TaskEnd.NoWorker => new NoWorker(stage),
        TaskEnd.Cancelled => new Cancelled(),
        _ => throw new ArgumentOutOfRangeException(nameof(report), report.End, "A task that ended so does not end its stage."),
    };

    /// <summary>A task failed as often as the policy lets it.</summary>
    /// <param name="Stage">Its number, as errors show it.</param>
    [GenerateSerializer, Immutable, Alias("microspark.StageFailure.TaskFailed")]
    public sealed record TaskFailed([property: Id(0)] int Stage, [property: Id(1)] TaskReport Report) : StageFailure;

    /// <summary>No worker came to run its tasks.</summary>
    [GenerateSerializer, Immutable, Alias("microspark.StageFailure.NoWorker")]
    public sealed record NoWorker([property: Id(0)] int Stage) : StageFailure;

    /// <summary>It could not be run, and no task is at fault: a plan that does not load.</summary>
    /// <param name="Stage">Null when it is not known yet.</param>
    [GenerateSerializer, Immutable, Alias("microspark.StageFailure.Broken")]
    public sealed record Broken([property: Id(0)] int? Stage, [property: Id(1)] TaskFailure Error) : StageFailure;

    /// <summary>An input came out different when it was computed again, and what was made of the former one cannot be taken back.</summary>
    [GenerateSerializer, Immutable, Alias("microspark.StageFailure.InputChanged")]
    public sealed record InputChanged : StageFailure;

    /// <summary>Nobody wants it any more.</summary>
    [GenerateSerializer, Immutable, Alias("microspark.StageFailure.Cancelled")]
    public sealed record Cancelled : StageFailure;
}
