using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace MicroSpark.Closures;

/// <summary>Advice about a lambda that works but should not stay as it is.</summary>
internal sealed record ClosureWarning(string OperatorName, string Lambda, long CapturedBytes, string Message);

/// <summary>Where warnings about lambdas are heard. The driver forwards them to its log.</summary>
internal static class ClosureWarnings
{
    /// <summary>Captures above this many bytes travel with every job and are copied for every task.</summary>
    public const int LargeCapture = 1 << 20;

    private static readonly ConditionalWeakTable<MethodInfo, object> s_told = [];
    private static readonly ConditionalWeakTable<MethodInfo, object> s_written = [];
    private static readonly ConditionalWeakTable<Assembly, object> s_debug = [];

    /// <summary>Raised at most once per lambda, on the thread that declares the operator.</summary>
    public static event Action<ClosureWarning>? Raised;

    public static void CheckSize(MethodInfo method, long size, string operatorName)
    {
        if (size > LargeCapture && s_told.TryAdd(method, operatorName))
        {
            var name = DisplayNames.Of(method);
            Raised?.Invoke(new ClosureWarning(
                operatorName,
                name,
                size,
                $"{operatorName}: {name} captures {size / (1024.0 * 1024.0):0.0} MB, which travel with every job and are "
                + $"copied for "
                    + "every task. Put the data into context.Broadcast(value) and capture the broadcast: it is sent to each worker once."));
        }
    }

    /// <summary>Says once per lambda which captured variables it assigns to: only the task's copies of them change.</summary>
    public static void CheckWritten(ClosureAnalysis analysis, MethodInfo method, string lambda)
    {
        if (analysis.Written.Count > 0 && s_written.TryAdd(method, lambda))
        {
            var name = DisplayNames.Of(method);
            var written = string.Join(", ", analysis.Written.Select(static path => $"'{path}'"));
            Raised?.Invoke(new ClosureWarning(
                lambda,
                name,
                0,
                $"{lambda} ({name}) assigns to {written}. Each task works on "
                + "a copy of its own, which is gone with the task: the program's own variable stays as it is. Give the value as a result, "
                + "or add to an accumulator."));
        }
    }

    /// <summary>
    /// Says once per assembly that its lambdas were built without optimisation, which costs about ten times the run time.
    /// </summary>
    public static void CheckOptimised(MethodInfo method, string operatorName)
    {
        var assembly = method.Module.Assembly;
        if (DebugBuild.Is(assembly) && s_debug.TryAdd(assembly, operatorName))
        {
            Raised?.Invoke(new ClosureWarning(
                operatorName,
                DisplayNames.Of(method),
                0,
                $"The lambdas of {assembly.GetName().Name} come from a Debug build: they are neither optimised nor inlined and run "
                + $"about ten times "
                    + "slower. Build and run it with '-c Release'."));
        }
    }
}

/// <summary>Tells assemblies whose code the JIT is not to optimise, because somebody wants to step through it.</summary>
internal static class DebugBuild
{
    private static readonly ConditionalWeakTable<Assembly, StrongBox<bool>> s_known = [];

    public static bool Is(Assembly assembly) => s_known.GetValue(
        assembly,
        static one => new StrongBox<bool>(one.GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true })).Value;
}
