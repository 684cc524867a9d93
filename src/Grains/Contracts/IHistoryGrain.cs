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
    [Alias("History"), ResponseTimeout("00:00:10")]
    Task<HistoryPage> HistoryAsync(JobId job, long from);

    /// <summary>Who holds the persisted recipes that have blocks here.</summary>
    [Alias("Held"), ResponseTimeout("00:00:10")]
    Task<HeldRdd[]> HeldAsync();

    /// <summary>A link to the silo's page that lets one browser in; null when the silo has no page.</summary>
    /// <param name="control">Whether it may cancel jobs and unpersist.</param>
    [Alias("Invite"), ResponseTimeout("00:00:10")]
    Task<string?> InviteAsync(bool control);
}
