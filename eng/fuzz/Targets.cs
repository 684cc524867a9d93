using System.Reflection;

namespace MicroSpark.Fuzz;

/// <summary>The targets that tests hand to their <c>Fuzzing.Run</c>, each inside of its test: what it stands on is there as long.</summary>
internal static class Targets
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    public static void Visit(Assembly tests, Action<string, byte[][], Action<byte[]>> visit)
    {
        tests.GetType("MicroSpark.Tests.Infrastructure.Fuzzing", throwOnError: true)!
            .GetProperty("Instead", Any)!.SetValue(null, visit);
        foreach (var method in tests.GetTypes().SelectMany(static type => type.GetMethods(Any | BindingFlags.DeclaredOnly)))
        {
            if (method.GetCustomAttributes().Any(static one => one.GetType().Name == "FuzzTargetAttribute"))
            {
                Run(method);
            }
        }
    }

    private static void Run(MethodInfo method)
    {
        var constructor = method.DeclaringType!.GetConstructors()[0];
        var test = constructor.Invoke(new object?[constructor.GetParameters().Length]);
        try
        {
            // Those that wait for something do it themselves.
            (method.Invoke(test, null) as Task)?.GetAwaiter().GetResult();
        }
        finally
        {
            (test as IDisposable)?.Dispose();
        }
    }
}
