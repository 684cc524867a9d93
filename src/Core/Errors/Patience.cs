namespace MicroSpark.Errors;

/// <summary>
/// How long somebody tries again what failed for a reason that passes: a silo that died, a server that is just starting. A rule, shared
/// by all who follow it; what one of them has tried is a <see cref="Trial"/>. Patience is over after so many failures, or so long after
/// the beginning or the last success, whichever comes first. What is tried must bear being done twice.
/// </summary>
/// <param name="Pause">Between a failure and the next try; nothing when zero.</param>
internal sealed record Patience(TimeSpan Pause)
{
    /// <summary>Most failures in a row.</summary>
    public int Tries { get; init; } = int.MaxValue;

    /// <summary>From the beginning, or the last success: a failure after it is the last one.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.MaxValue;

    /// <summary>
    /// So many failures in a row at least, however long they take. Where a try that is lost costs a good part of the limit, two of them
    /// by chance would be over it.
    /// </summary>
    public int Fewest { get; init; }

    /// <summary>
    /// Each failure in a row makes the pause longer by <see cref="Pause"/>, up to this. As long as the first when not set.
    /// </summary>
    public TimeSpan LongestPause { get; init; } = Pause;

    /// <summary>
    /// Whether tries after the first may be made on any thread. If not, they are on the caller's scheduler, as a grain's must be; a
    /// program's thread may be blocked until the last of them has ended.
    /// </summary>
    public bool Anywhere { get; init; }

    /// <summary>A new series of tries.</summary>
    public Trial Begin(TimeProvider time) => new(this, time);

    /// <summary>Calls until it succeeds. The error that patience ends with is thrown as it is, as is one that does not pass.</summary>
    /// <param name="passes">Whether an error may be gone when it is tried again.</param>
    /// <param name="cancellationToken">Ends a pause. The call itself is not given up for it.</param>
    public async Task<R> RunAsync<R>(
        Func<Task<R>> call, Func<Exception, bool> passes, TimeProvider time, CancellationToken cancellationToken = default)
    {
        var trial = Begin(time);
        while (true)
        {
            try
            {
                return await call().ConfigureAwait(!Anywhere);
            }
            catch (Exception e) when (passes(e))
            {
                if (!trial.Failed())
                {
                    throw;
                }
            }

            await trial.PauseAsync(cancellationToken).ConfigureAwait(!Anywhere);
        }
    }

    /// <inheritdoc cref="RunAsync{R}(Func{Task{R}}, Func{Exception, bool}, TimeProvider, CancellationToken)"/>
    public Task RunAsync(Func<Task> call, Func<Exception, bool> passes, TimeProvider time, CancellationToken cancellationToken = default)
    {
        return RunAsync(CallAsync, passes, time, cancellationToken);

        async Task<bool> CallAsync()
        {
            await call().ConfigureAwait(!Anywhere);
            return true;
        }
    }

    /// <summary>One series of tries, for loops that do more between them than to wait. Not thread safe.</summary>
    public sealed class Trial(Patience patience, TimeProvider time)
    {
        private long _since = time.GetTimestamp();

        /// <summary>In a row.</summary>
        public int Failures { get; private set; }

        /// <summary>Something came of it: failures so far and the time that they took count no more.</summary>
        public void Succeeded() => (Failures, _since) = (0, time.GetTimestamp());

        /// <summary>Counts a failure.</summary>
        /// <returns>Whether to try again.</returns>
        public bool Failed() => ++Failures < patience.Tries
            && (Failures < patience.Fewest || time.GetElapsedTime(_since) < patience.Limit);

        /// <summary>Waits before the next try.</summary>
        public Task PauseAsync(CancellationToken cancellationToken = default)
        {
            var pause = patience.Pause * Failures;
            return time.PauseAsync(pause < patience.LongestPause ? pause : patience.LongestPause, cancellationToken);
        }
    }
}
