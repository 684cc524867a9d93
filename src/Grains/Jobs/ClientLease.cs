namespace MicroSpark.Grains.Jobs;

/// <summary>
/// Whether somebody still waits for a job that its client awaits: who does so asks for it every few seconds, or says now and then that it
/// is wanted. That a client lives is no sign of it: of a job that it has let go, another activation may not have heard. For one thread at
/// a time.
/// </summary>
internal sealed class ClientLease
{
    /// <summary>How often to look.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Looks are counted, and not the time: where a process was stopped and goes on, the calls that came meanwhile are heard before the
    /// next look.
    /// </summary>
    private const int MostSilent = 6;

    private int _silent;

    /// <summary>So long, at least, nobody has asked for a job that is over.</summary>
    public static TimeSpan Length => MostSilent * Period;

    /// <summary>Somebody waits for the job.</summary>
    public void Asked() => _silent = 0;

    /// <summary>By whoever looks once in a period.</summary>
    public bool IsOver() => ++_silent > MostSilent;
}
