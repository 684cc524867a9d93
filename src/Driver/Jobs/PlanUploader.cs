using System.Collections.Concurrent;
using MicroSpark.Code;
using MicroSpark.Driver.Clusters;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Grains.Placement;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Storage;
using MicroSpark.Tasks;

namespace MicroSpark.Driver.Jobs;

/// <summary>
/// Puts a job's blobs where they outlive this process: at two workers, or the only one, before the job is submitted. Silos that share this
/// process's memory get the bytes as they are.
/// </summary>
internal sealed class PlanUploader(ICluster cluster, TimeProvider time, Silence silence)
{
    /// <summary>Requests at once: a plan may name hundreds of small blobs.</summary>
    private const int Pushes = 8;

    /// <summary>Blobs that are remembered, however long.</summary>
    private const int FewBlobs = 1000;

    /// <summary>A larger plan travels as a blob, so that grain calls stay small.</summary>
    private const int LargestInline = 64 << 10;

    /// <summary>How long a worker is believed to hold a blob without being asked: less than it keeps one that nobody uses.</summary>
    private static readonly TimeSpan s_believed = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<(WorkerId Worker, BlobName Blob), long> _there = new();
    private int _enough = FewBlobs;

    /// <exception cref="ClusterUnavailableException">No worker took it.</exception>
    /// <exception cref="ClosureNotShippableException">A lambda reaches local time, and a worker's zone has other rules.</exception>
    public async Task<PlanRef> UploadAsync(EncodedPlan plan, CancellationToken cancellationToken)
    {
        await EnsureZonesAsync(plan.Zone, cancellationToken).ConfigureAwait(false);
        var name = BlobName.Of(plan.Bytes);
        var inline = plan.Bytes.Length <= LargestInline;
        var blobs = inline ? plan.Blobs : [.. plan.Blobs, new PlanBlob(name, () => plan.Bytes)];
        if (blobs.Count == 0)
        {
            return new PlanRef(name, plan.Bytes, []);
        }

        var holders = new List<WorkerId>();
        BlobName[]? gone = null;
        Exception? last = null;
        var workers = await cluster.WorkersAsync(cancellationToken, silence).ConfigureAwait(false);
        foreach (var worker in PlacementPolicy.HoldersOf(name, workers))
        {
            try
            {
                var without = await PushAsync(worker, blobs, cancellationToken).ConfigureAwait(false);
                gone = gone is null ? without : [.. gone.Intersect(without)];
                holders.Add(worker);
                if (holders.Count == PlacementPolicy.Copies)
                {
                    break;
                }
            }
            catch (WorkerUnreachableException e)
            {
                last = e;
            }
        }

        return holders.Count > 0
            ? new PlanRef(name, inline ? plan.Bytes : null, holders) { Gone = gone ?? [] }
            : throw new ClusterUnavailableException(
                $"None of {workers.Count} workers took what the job needs. Check that their data ports can be reached.", last);
    }

    /// <summary>The workers that this client pushed a blob to, or found it at.</summary>
    public WorkerId[] HoldersOf(BlobName blob) => [.. _there.Keys.Where(key => key.Blob == blob).Select(key => key.Worker)];

    /// <summary>The blob is to be removed from all workers.</summary>
    public void Forget(BlobName blob)
    {
        foreach (var worker in HoldersOf(blob))
        {
            _there.TryRemove((worker, blob), out _);
        }
    }

    private async Task EnsureZonesAsync(PlanZone zone, CancellationToken cancellationToken)
    {
        if (zone.LocalTime is not { } use || cluster.SharesMemory)
        {
            return;
        }

        var workers = await Repeat.Async(
            () => cluster.Grains.GetGrain<IClusterGrain>(0).WorkersAsync(), time, cancellationToken, silence).ConfigureAwait(false);
        foreach (var worker in workers)
        {
            if (zone.RefusalBy(LocalZone.Parse(worker.Zone), $"worker {worker.Name}") is { } refusal)
            {
                throw new ClosureNotShippableException(refusal, use);
            }
        }
    }

    /// <returns>What the worker has not got, and neither has this process any more.</returns>
    private async Task<BlobName[]> PushAsync(WorkerId worker, IReadOnlyList<PlanBlob> blobs, CancellationToken cancellationToken)
    {
        var missing = blobs.Where(
            b => !_there.TryGetValue((worker, b.Name), out var asked) || time.GetElapsedTime(asked) > s_believed).ToArray();
        return missing.Length > 0 ? await PushMissingAsync(worker, missing, cancellationToken).ConfigureAwait(false) : [];
    }

    /// <summary>Some at a time, on whichever thread their answers come.</summary>
    private async Task<BlobName[]> PushMissingAsync(WorkerId worker, PlanBlob[] missing, CancellationToken cancellationToken)
    {
        var next = -1;
        var gone = new ConcurrentBag<BlobName>();
        await Task.WhenAll(Enumerable.Range(0, Math.Min(Pushes, missing.Length)).Select(_ => PushSomeAsync())).ConfigureAwait(false);
        return [.. gone];

        async Task PushSomeAsync()
        {
            try
            {
                while (Interlocked.Increment(ref next) is var at && at < missing.Length)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (!await PushAsync(worker, missing[at], cancellationToken).ConfigureAwait(false))
                    {
                        gone.Add(missing[at].Name);
                    }
                }
            }
            catch
            {
                // The others need not go on.
                Volatile.Write(ref next, missing.Length);
                throw;
            }
        }
    }

    /// <returns>Whether the worker has it now.</returns>
    private async Task<bool> PushAsync(WorkerId worker, PlanBlob blob, CancellationToken cancellationToken)
    {
        var engine = cluster.SharesMemory ? LocalWorkers.Find(worker) : null;
        var has = engine?.Blobs.Has(blob.Name)
            ?? await cluster.Transport.HasBlobAsync(worker, blob.Name, cancellationToken).ConfigureAwait(false);
        if (!has)
        {
            // A broadcast that was destroyed meanwhile has no content. Code that still reads it gets the error at the read.
            if (blob.Content() is not { } content)
            {
                return false;
            }

            if (engine is not null)
            {
                engine.Blobs.Put(blob.Name, content);
            }
            else
            {
                await cluster.Transport.PutBlobAsync(worker, blob.Name, content, cancellationToken).ConfigureAwait(false);
            }
        }

        _there[(worker, blob.Name)] = time.GetTimestamp();
        Forget();
        return true;
    }

    /// <summary>What is not believed any more is worth nothing. Looked at when there is twice as much as was worth something.</summary>
    private void Forget()
    {
        if (_there.Count > Volatile.Read(ref _enough))
        {
            foreach (var (key, asked) in _there)
            {
                if (time.GetElapsedTime(asked) > s_believed)
                {
                    _there.TryRemove(new KeyValuePair<(WorkerId, BlobName), long>(key, asked));
                }
            }

            Volatile.Write(ref _enough, Math.Max(FewBlobs, 2 * _there.Count));
        }
    }
}
