using MicroSpark.Grains.Security;
using MicroSpark.Model;

namespace MicroSpark.Grains.Contracts;

/// <summary>What a silo remembers, for the page; by the silo's <see cref="WorkerId"/>. It lives there or nowhere.</summary>
[Alias("microspark.IHistoryGrain"), RequiresProof]
internal interface IHistoryGrain : IGrainWithStringKey
{
    /// <summary>How the silo is, and what its tasks did in the last <paramref name="seconds"/>.</summary>
    /// <param name="version">Of the jobs that the caller knows.</param>
    [Alias("Pulse"), ResponseTimeout("00:00:05")]
    Task<Pulse> PulseAsync(int seconds, long version);

    /// <summary>Task ends of a job after the first <paramref name="from"/> that the silo ever had.</summary>
    /// <param name="since">UTC ticks before which none ended, so that they need not be looked for; 0 for all.</param>
    [Alias("History"), ResponseTimeout("00:00:10")]
    Task<HistoryPage> HistoryAsync(JobId job, long from, long since = 0);

    /// <summary>A part of the event log that the silo keeps of a job that has ended; null when it keeps none.</summary>
    /// <param name="from">Of the file's bytes.</param>
    [Alias("Log"), ResponseTimeout("00:00:10")]
    Task<LogPage?> LogAsync(JobId job, long from);

    /// <summary>The newest lines that tasks said here, the oldest first.</summary>
    [Alias("Lines"), ResponseTimeout("00:00:10")]
    Task<WorkerLine[]> LinesAsync();

    /// <summary>Who holds the persisted recipes that have blocks here.</summary>
    [Alias("Held"), ResponseTimeout("00:00:10")]
    Task<HeldRdd[]> HeldAsync();

    /// <summary>A link to the silo's page that lets one browser in; null when the silo has no page.</summary>
    /// <param name="control">Whether it may cancel jobs and unpersist, where the caller may.</param>
    /// <param name="role">What else it may, of what the caller may himself; null for all of that.</param>
    /// <exception cref="UnauthorizedAccessException">The caller has not the role.</exception>
    [Alias("Invite"), ResponseTimeout("00:00:10")]
    Task<string?> InviteAsync(bool control, Rights? role = null);
}
