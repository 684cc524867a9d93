namespace MicroSpark.Driver.Clusters;

/// <summary>What a caller makes of a cluster that does not answer: no worker is there, or none can be reached.</summary>
/// <param name="Most">So long it waits for one.</param>
/// <param name="Tell">Told once for each call that has not been answered for <see cref="Notice"/>, with how long it has waited.</param>
internal sealed record Silence(TimeSpan Most, Action<TimeSpan>? Tell = null)
{
    /// <summary>Longer than an answer takes while workers come and go.</summary>
    public static readonly TimeSpan Notice = TimeSpan.FromSeconds(5);
}
