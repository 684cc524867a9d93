#pragma warning disable CS8714 // Null keys are refused with an error that says so; the signatures leave nullable key types to the caller.

using System.Numerics;
using MicroSpark.Actions;
using MicroSpark.Hashing;
using MicroSpark.Statistics;

namespace MicroSpark;

public partial class Rdd<T>
{
    /// <summary>Counts the elements until the time is over, and then estimates the count from the partitions that are done.</summary>
    /// <param name="timeout">How long to wait for all partitions. The job stops then.</param>
    /// <param name="confidence">How likely the true count is to be in the interval, from 0 to 1.</param>
    /// <param name="cancellationToken">Stops the job.</param>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative, or the confidence not from 0 to 1.</exception>
    /// <exception cref="JobFailedException">A task failed for good before the time was over.</exception>
    public Task<PartialResult<BoundedDouble>> CountApproxAsync(
        TimeSpan timeout, double confidence = 0.95, CancellationToken cancellationToken = default)
    {
        long counted = 0;
        return ApproximateAsync(
            nameof(CountApproxAsync), new CountNode<T>(Node), timeout, confidence, part => counted += part,
            share => Estimates.Count(counted, share, confidence), cancellationToken);
    }

    /// <summary>
    /// Counts how often each element occurs until the time is over, and then estimates the counts from the partitions that are done.
    /// </summary>
    /// <param name="timeout">How long to wait for all partitions. The job stops then.</param>
    /// <param name="confidence">How likely a true count is to be in its interval, from 0 to 1.</param>
    /// <param name="cancellationToken">Stops the job.</param>
    /// <returns>An entry for each element that was met so far.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative, or the confidence not from 0 to 1.</exception>
    /// <exception cref="InvalidOperationException">An element is null: a dictionary cannot hold it.</exception>
    /// <exception cref="JobFailedException">A task failed for good before the time was over.</exception>
    public Task<PartialResult<Dictionary<T, BoundedDouble>>> CountByValueApproxAsync(
        TimeSpan timeout, double confidence = 0.95, CancellationToken cancellationToken = default) =>
        CountByApproxAsync(nameof(CountByValueApproxAsync), timeout, confidence, cancellationToken);

    internal Task<PartialResult<Dictionary<T, BoundedDouble>>> CountByApproxAsync(
        string name, TimeSpan timeout, double confidence, CancellationToken cancellationToken)
    {
        KeyTypes.EnsureKey(typeof(T), name);
        var counts = new Dictionary<T, long>();
        return ApproximateAsync(
            name, new CountByNode<T>(Node, name), timeout, confidence, part => CountedValues<T>.Add(name, counts, part),
            share => counts.ToDictionary(c => c.Key, c => Estimates.Count(c.Value, share, confidence)), cancellationToken);
    }

    /// <summary>
    /// Runs an action, keeps the partitions' results as they come, and says what they amount to when all are in or the time is over.
    /// </summary>
    /// <param name="add">Takes in a partition's result; called before <paramref name="estimate"/>, in the order of the partitions.</param>
    /// <param name="estimate">Given the share of the partitions that are in, 1 for all.</param>
    internal async Task<PartialResult<E>> ApproximateAsync<R, E>(
        string name, ActionNode<T, R> action, TimeSpan timeout, double confidence, Action<R> add, Func<double, E> estimate,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        if (!(confidence is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "A confidence is from 0 to 1.");
        }

        Runner.EnsureUsable();
        var gate = new Lock();
        var parts = new SortedDictionary<int, R>();
        var closed = false;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var time = Task.Delay(timeout, Runner.Time, stop.Token);
        var job = RunAsync(
            name,
            action,
            null,
            (partition, part) =>
            {
                lock (gate)
                {
                    if (!closed)
                    {
                        parts[partition] = part;
                    }
                }
            },
            stop.Token);
        await Task.WhenAny(job, time).ConfigureAwait(false);
        var (inTime, total) = (job.IsCompleted, action.NumPartitions);
        await stop.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (inTime)
        {
            await job.ConfigureAwait(false);
        }
        else
        {
            // The job was told to stop; how it ends is of no interest, and nobody waits for it.
            _ = job.ContinueWith(
                static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }

        lock (gate)
        {
            closed = true;
            foreach (var part in parts.Values)
            {
                add(part);
            }

            return new PartialResult<E>(estimate(total == 0 ? 1 : (double)parts.Count / total), parts.Count == total);
        }
    }
}

public static partial class PairRdd
{
    /// <summary>
    /// Counts the pairs of each key until the time is over, and then estimates the counts from the partitions that are done.
    /// </summary>
    /// <param name="rdd">The pairs.</param>
    /// <param name="timeout">How long to wait for all partitions. The job stops then.</param>
    /// <param name="confidence">How likely a true count is to be in its interval, from 0 to 1.</param>
    /// <param name="cancellationToken">Stops the job.</param>
    /// <returns>An entry for each key that was met so far.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative, or the confidence not from 0 to 1.</exception>
    /// <exception cref="InvalidOperationException">A key is null: a dictionary cannot hold it.</exception>
    /// <exception cref="JobFailedException">A task failed for good before the time was over.</exception>
    public static Task<PartialResult<Dictionary<K, BoundedDouble>>> CountByKeyApproxAsync<K, V>(
        this Rdd<(K Key, V Value)> rdd, TimeSpan timeout, double confidence = 0.95, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rdd);
        return rdd.Keys().CountByApproxAsync(nameof(CountByKeyApproxAsync), timeout, confidence, cancellationToken);
    }
}

public static partial class NumericRdd
{
    /// <summary>Averages numbers until the time is over, and then estimates the average from the partitions that are done.</summary>
    /// <param name="rdd">The numbers.</param>
    /// <param name="timeout">How long to wait for all partitions. The job stops then.</param>
    /// <param name="confidence">How likely the true average is to be in the interval, from 0 to 1.</param>
    /// <param name="cancellationToken">Stops the job.</param>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative, or the confidence not from 0 to 1.</exception>
    /// <exception cref="JobFailedException">A task failed for good before the time was over.</exception>
    public static Task<PartialResult<BoundedDouble>> MeanApproxAsync<T>(
        this Rdd<T> rdd, TimeSpan timeout, double confidence = 0.95, CancellationToken cancellationToken = default)
        where T : struct, INumber<T> =>
        ApproximateAsync(rdd, nameof(MeanApproxAsync), timeout, confidence, Estimates.Mean, cancellationToken);

    /// <summary>Adds numbers up until the time is over, and then estimates the sum from the partitions that are done.</summary>
    /// <param name="rdd">The numbers.</param>
    /// <param name="timeout">How long to wait for all partitions. The job stops then.</param>
    /// <param name="confidence">How likely the true sum is to be in the interval, from 0 to 1.</param>
    /// <param name="cancellationToken">Stops the job.</param>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative, or the confidence not from 0 to 1.</exception>
    /// <exception cref="JobFailedException">A task failed for good before the time was over.</exception>
    public static Task<PartialResult<BoundedDouble>> SumApproxAsync<T>(
        this Rdd<T> rdd, TimeSpan timeout, double confidence = 0.95, CancellationToken cancellationToken = default)
        where T : struct, INumber<T> =>
        ApproximateAsync(rdd, nameof(SumApproxAsync), timeout, confidence, Estimates.Sum, cancellationToken);

    private delegate BoundedDouble Estimate(in Moments seen, double share, double confidence);

    private static Task<PartialResult<BoundedDouble>> ApproximateAsync<T>(
        Rdd<T> rdd, string name, TimeSpan timeout, double confidence, Estimate estimate, CancellationToken cancellationToken)
        where T : struct, INumber<T>
    {
        ArgumentNullException.ThrowIfNull(rdd);
        var seen = Moments.None;
        return rdd.ApproximateAsync(
            name, new MomentsNode<T>(rdd.Node, name), timeout, confidence, part =>
                seen.Merge(part), share => estimate(seen, share, confidence),
            cancellationToken);
    }
}
