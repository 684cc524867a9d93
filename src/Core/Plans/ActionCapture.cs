namespace MicroSpark.Plans;

/// <summary>
/// What an action would run, taken instead of run: set while a program's function is called that is to be submitted. The function must
/// return the task that it got from the action, so that nothing the program does with the result afterwards is lost unseen.
/// </summary>
internal sealed class ActionCapture
{
    /// <summary>What was taken; null when no action was called.</summary>
    public CapturedAction? Action { get; private set; }

    /// <summary>Stands for the action's result. Never ends.</summary>
    public Task? Task { get; private set; }

    /// <summary>How often an action was called.</summary>
    public int Calls { get; private set; }

    public Task<R> Take<R>(CapturedAction action)
    {
        Calls++;
        Action = action;
        var stands = new TaskCompletionSource<R>().Task;
        Task = stands;
        return stands;
    }
}

/// <summary>One action as a job of its own that needs no client.</summary>
/// <param name="Name">How lists of jobs name it.</param>
/// <param name="Plan">Of one partition, whose result is the action's, or (<paramref name="Joined"/>) of all partitions.</param>
/// <param name="Result">The type of the action's result.</param>
/// <param name="Joined">Whether the result is the partitions' arrays, one after the other.</param>
internal sealed record CapturedAction(string Name, EncodedPlan Plan, Type Result, bool Joined)
{
    /// <summary>Done on the client before the job is submitted.</summary>
    public Action Begin { get; init; } = static () => { };

    /// <summary>Done on the client, if it is still there, when the job has not succeeded. Null when nothing is to be undone.</summary>
    public Action? Abort { get; init; }
}
