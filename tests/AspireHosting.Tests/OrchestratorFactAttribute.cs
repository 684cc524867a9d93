using System.Runtime.InteropServices;

namespace MicroSpark.Tests;

/// <summary>
/// A test that starts processes by Aspire's orchestrator, which is a program for each platform: the build of this repository brings that
/// for Linux on x64.
/// </summary>
public sealed class OrchestratorFactAttribute : FactAttribute
{
    public OrchestratorFactAttribute()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture != Architecture.X64)
        {
            Skip = "Aspire's orchestrator is a program for each platform, and the tests bring that for Linux on x64.";
        }
    }
}
