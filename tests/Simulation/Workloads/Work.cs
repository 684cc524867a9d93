using MicroSpark.Simulation.Loop;
using MicroSpark.Stopping;

namespace MicroSpark.Simulation.Workloads;

/// <summary>What the lambdas of simulated programs do beside their results: they take time, and fail.</summary>
internal static class Work
{
    /// <summary>Less than a cancelled task has before it is interrupted.</summary>
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(800);

    /// <summary>Takes about so long, and ends early when the task is cancelled, as a loop of the engine does.</summary>
    public static T Take<T>(T item, TimeSpan about)
    {
        if (Fibers.Current is { } fiber)
        {
            for (var left = fiber.World.Between(about / 2, about * 2); left > TimeSpan.Zero; left -= s_look)
            {
                fiber.Wait(left < s_look ? left : s_look);
                TaskProgress.Current.ThrowIfStopped();
            }
        }

        return item;
    }

    /// <summary>May throw in the first attempts at a task.</summary>
    public static T Fail<T>(T item, int attempts) =>
        Fibers.Current is { } fiber && TaskContext.Current is { } task && task.AttemptNumber < attempts && fiber.World.Draw(0.1)
            ? throw new FormatException($"attempt {task.AttemptNumber} fails")
            : item;

    /// <summary>Another number each time: what no program should use for a key.</summary>
    public static int Draw(int below) => Fibers.Current is { } fiber ? fiber.World.Random.Next(below) : 0;
}
