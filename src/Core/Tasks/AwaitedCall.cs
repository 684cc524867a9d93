namespace MicroSpark.Tasks;

/// <summary>
/// A function of the program's that is asynchronous, called by a task. The task's thread waits for it, in user code: so its failure is the
/// task's, a cancel interrupts the wait, and the slot stays taken until it is done.
/// </summary>
internal static class AwaitedCall
{
    /// <exception cref="InvalidOperationException">The function gave null for a task.</exception>
    public static void Run<T>(Func<T, Task> function, T argument)
    {
        var task = function(argument)
            ?? throw new InvalidOperationException("The function gave null where a task to await is expected. Return Task.CompletedTask.");
        task.GetAwaiter().GetResult();
    }

    /// <summary>The same of a function whose task may be over at once.</summary>
    public static void Run<T>(Func<T, ValueTask> function, T argument)
    {
        var task = function(argument);
        if (task.IsCompleted)
        {
            task.GetAwaiter().GetResult();
        }
        else
        {
            // A ValueTask itself may not be waited for.
            task.AsTask().GetAwaiter().GetResult();
        }
    }

    /// <summary>The same over a partition's sequence, which may be read on whatever thread the function goes on.</summary>
    /// <exception cref="InvalidOperationException">The function gave null for a task.</exception>
    public static void RunOver<T>(Func<IEnumerable<T>, Task> function, IEnumerable<T> items)
    {
        var lent = new LentSequence<T>(items);
        try
        {
            Run(function, lent);
        }
        finally
        {
            lent.TakeBack();
        }
    }
}
