using MicroSpark.Grains.Security;
using Orleans.Concurrency;

namespace MicroSpark.Grains.Contracts;

/// <summary>One action's run, by <see cref="JobId"/>. It outlives its client, and its silo.</summary>
[Alias("microspark.IJobGrain"), RequiresProof]
internal interface IJobGrain : IGrainWithGuidKey
{
    /// <summary>Starts the job unless it is known; replies once two workers (or the only one) keep its record.</summary>
    [AlwaysInterleave, Alias("Submit"), ResponseTimeout("00:00:10")]
    Task SubmitAsync([Immutable] JobSubmission submission);

    /// <summary>
    /// The results committed after the first <paramref name="seen"/> ones of this <paramref name="epoch"/>, and the state. Waits for
    /// something new at most for <paramref name="slice"/>. Under another epoch it begins again: the watcher drops what it has already.
    /// </summary>
    [AlwaysInterleave, Alias("Wait"), ResponseTimeout("00:00:06")]
    Task<JobUpdate> WaitAsync(long epoch, int seen, TimeSpan slice);

    /// <summary>The state now.</summary>
    [AlwaysInterleave, Alias("Status"), ResponseTimeout("00:00:10")]
    Task<JobSummary?> StatusAsync();

    /// <summary>The state once something is newer than <paramref name="seen"/>, or at the end of the slice.</summary>
    [AlwaysInterleave, Alias("Look"), ResponseTimeout("00:00:06")]
    Task<JobSighting> LookAsync(long seen, TimeSpan slice);

    /// <summary>Stops the job's tasks. Nothing happens when it has ended.</summary>
    [AlwaysInterleave, Alias("Cancel"), ResponseTimeout("00:00:10")]
    Task CancelAsync();

    /// <summary>A watcher could not read some committed results: those that nobody can read any more are computed again.</summary>
    [AlwaysInterleave, Alias("ReportLost"), ResponseTimeout("00:00:10")]
    Task ReportLostAsync([Immutable] CommittedResult[] lost);

    /// <summary>
    /// What the tasks of kept outputs that this job read had added to accumulators when it began to read, without the first
    /// <paramref name="from"/> tasks: the outputs' own grains may have been lost since.
    /// </summary>
    [AlwaysInterleave, Alias("Updates"), ResponseTimeout("00:00:10")]
    Task<UpdatePage> UpdatesAsync(int from);

    /// <summary>A worker's tasks said something. The job's watchers are told that there is something to read.</summary>
    /// <returns>Whether more lines are wanted: what comes after them is only counted.</returns>
    [AlwaysInterleave, Alias("Say"), ResponseTimeout("00:00:10")]
    Task<bool> SayAsync([Immutable] SaidBatch said);

    /// <summary>What the job's tasks said, without the first <paramref name="from"/> lines.</summary>
    [AlwaysInterleave, Alias("Said"), ResponseTimeout("00:00:10")]
    Task<SaidPage> SaidAsync(int from);

    /// <summary>A client is still reading the results: they stay for ten more minutes.</summary>
    [AlwaysInterleave, Alias("Keep"), ResponseTimeout("00:00:10")]
    Task KeepAsync();

    /// <summary>
    /// The job's client has its results, or wants none any more. Running tasks stop, also when the submission comes after this call. No
    /// block of a result is left when this call ends.
    /// </summary>
    [AlwaysInterleave, Alias("Release"), ResponseTimeout("00:00:10")]
    Task ReleaseAsync();

    /// <summary>Goes on with the job if it is unfinished: activating the grain is all it takes.</summary>
    [AlwaysInterleave, Alias("Wake"), ResponseTimeout("00:00:10")]
    Task WakeAsync();
}
