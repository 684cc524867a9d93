using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Reflection;

namespace MicroSpark.Closures;

/// <summary>The written list of the framework's calls that answer for the process: its environment, the clock, files.</summary>
internal static class ProcessCalls
{
    private static readonly Dictionary<Type, string[]> s_some = new()
    {
        [typeof(Environment)] =
        [
            nameof(Environment.GetEnvironmentVariable), nameof(Environment.GetEnvironmentVariables), nameof(Environment.GetCommandLineArgs),
            nameof(Environment.ExpandEnvironmentVariables), nameof(Environment.GetFolderPath), "get_CommandLine", "get_CurrentDirectory",
            "get_MachineName", "get_ProcessId", "get_ProcessPath", "get_ProcessorCount", "get_TickCount", "get_TickCount64", "get_UserName",
            "get_UserDomainName", "get_WorkingSet",
        ],
        [typeof(DateTime)] = ["get_Now", "get_UtcNow", "get_Today"],
        [typeof(DateTimeOffset)] = ["get_Now", "get_UtcNow"],
        [typeof(TimeProvider)] =
            [nameof(TimeProvider.GetUtcNow), nameof(TimeProvider.GetLocalNow), nameof(TimeProvider.GetTimestamp)],
        [typeof(Stopwatch)] = ["GetTimestamp", "StartNew"],
        [typeof(Guid)] = [nameof(Guid.NewGuid), nameof(Guid.CreateVersion7)],
        [typeof(Path)] = [nameof(Path.GetTempPath), nameof(Path.GetTempFileName), nameof(Path.GetRandomFileName)],
        [typeof(Process)] = [nameof(Process.GetCurrentProcess), nameof(Process.GetProcesses), nameof(Process.GetProcessById)],
        [typeof(Dns)] = [nameof(Dns.GetHostName), nameof(Dns.GetHostAddresses), nameof(Dns.GetHostEntry)],
        [typeof(AppContext)] = ["get_BaseDirectory", nameof(AppContext.GetData)],
        [typeof(AppDomain)] = ["get_BaseDirectory"],
        [typeof(Assembly)] = ["get_Location", nameof(Assembly.GetEntryAssembly)],
        [typeof(Console)] = [nameof(Console.ReadLine), nameof(Console.Read), "get_In"],
        [typeof(CultureInfo)] = ["get_CurrentCulture", "get_CurrentUICulture"],
        [typeof(FileStream)] = [".ctor"],
        [typeof(StreamReader)] = [".ctor"],
        [typeof(DriveInfo)] = [nameof(DriveInfo.GetDrives)],
    };

    /// <summary>The call as C# writes it; null when its answer is the same in every process.</summary>
    public static string? NameOf(MethodBase callee)
    {
        if (callee.DeclaringType is not { } type || !Is(type, callee))
        {
            return null;
        }

        return callee is ConstructorInfo ? $"new {type.Name}"
            : $"{type.Name}.{(callee.Name.StartsWith("get_", StringComparison.Ordinal) ? callee.Name[4..] : callee.Name)}";
    }

    private static bool Is(Type type, MethodBase callee)
    {
        if (type == typeof(File) || type == typeof(Directory))
        {
            return true;
        }

        return s_some.TryGetValue(type, out var names) && names.Contains(callee.Name)
            && (type != typeof(StreamReader) || callee.GetParameters() is [{ ParameterType: var first }, ..] && first == typeof(string));
    }
}
