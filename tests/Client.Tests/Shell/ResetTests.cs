using System.Runtime.CompilerServices;
using MicroSpark.Client.Shell;

namespace MicroSpark.Tests.Shell;

/// <summary>A session that goes on for days does not grow: what was typed before a reset is unloaded, with all that ran it.</summary>
public sealed class ResetTests
{
    private const int Lines = 200;

    [Theory]
    [InlineData(Isolation.Process)]
    [InlineData(Isolation.Simulated)]
    public async Task Two_hundred_lines_leave_nothing_behind_after_a_reset(Isolation isolation)
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(1, options => options.Isolation = isolation);
        using var session = await ScriptSession.StartAsync(spark);
        var typed = await TypeAsync(session);
        Assert.True(typed.Length >= (isolation == Isolation.Simulated ? Lines * 3 / 2 : Lines), $"{typed.Length} assemblies");
        Assert.All(typed, assembly => Assert.True(assembly.IsAlive));

        await session.ResetAsync();
        Collect(typed);
        Assert.Equal(0, typed.Count(assembly => assembly.IsAlive));
    }

    /// <summary>Lines as people type them: types and functions, jobs that use those of earlier lines, jobs whose results are kept.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference[]> TypeAsync(ScriptSession session)
    {
        for (var i = 0; i < Lines / 5; i++)
        {
            await session.RunAsync($"record R{i}(int A, string B);");
            await session.RunAsync($"bool F{i}(R{i} r) => r.A > {i};");
            await session.RunAsync($"var rows{i} = spark.Parallelize(Enumerable.Range(0, 100).Select(n => new R{i}(n, n.ToString())).ToArray(), 2).Filter(F{i}).Cache();");
            var count = await session.RunAsync($"await rows{i}.CountAsync()");
            Assert.Equal(99L - i, count.Value);
            var last = await session.RunAsync($"(await rows{i}.Map(r => (r.A % 3, r)).ReduceByKey((a, b) => a.A > b.A ? a : b).CollectAsync()).Length");
            Assert.Equal(3, last.Value);
        }

        // The lines and, where workers are strangers, their copies: other sessions of this process have other names.
        var name = (string)(await session.RunAsync("typeof(R0).Assembly.GetName().Name")).Value!;
        var own = name[..(name.LastIndexOf('-') + 1)];
        return [.. AppDomain.CurrentDomain.GetAssemblies().Where(assembly => assembly.GetName().Name!.StartsWith(own, StringComparison.Ordinal)).Select(assembly => new WeakReference(assembly))];
    }

    /// <summary>Unloading takes several collections: finalizers let go of what others hold.</summary>
    private static void Collect(WeakReference[] until)
    {
        for (var i = 0; i < 20 && until.Any(assembly => assembly.IsAlive); i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
