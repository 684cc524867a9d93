using System.Collections.Concurrent;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Grains.Security;
using MicroSpark.Model;

namespace MicroSpark.Grains.Jobs;

/// <summary>
/// Whose jobs are, by their ids. Asked only for those who may not do everything; an owner never changes, so it is remembered.
/// </summary>
internal sealed class JobOwners(IGrainFactory grains) : IResultOwners
{
    /// <summary>More jobs than that are asked about again.</summary>
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<JobId, string?> _known = new();

    public async Task<bool> OwnsAsync(Principal asker, JobId job)
    {
        if (asker.May(Rights.Administer))
        {
            return true;
        }

        if (!_known.TryGetValue(job, out var owner))
        {
            if (await grains.GetGrain<IJobGrain>(job.Value).StatusAsync() is not { } found)
            {
                // Nobody knows of the job (any more).
                return false;
            }

            if (_known.Count >= Most)
            {
                _known.Clear();
            }

            _known[job] = owner = found.Owner;
        }

        return asker.Owns(owner);
    }

    public async Task<bool> OwnsAsync(Principal asker, JobId job, LineageId output) =>
        JobOutput.LineageOf(job) == output && await OwnsAsync(asker, job);
}
