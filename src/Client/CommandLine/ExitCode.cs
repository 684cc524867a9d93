namespace MicroSpark.Client.CommandLine;

/// <summary>What the console's exit code says.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int JobFailed = 1;
    public const int BadUsage = 2;
    public const int NoCluster = 3;
    public const int Cancelled = 130;
}
