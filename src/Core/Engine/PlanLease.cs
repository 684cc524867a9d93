using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Engine;

/// <summary>
/// A plan that is prepared on a worker, and stays so until this is disposed. Whoever queues tasks of it holds one until the last of them
/// has ended.
/// </summary>
internal sealed class PlanLease(PlanRef reference, Func<Plan> plan, Action release) : IDisposable
{
    private Func<Plan>? _plan = plan;
    private Action? _release = release;

    /// <summary>What the plan was prepared by.</summary>
    public PlanRef Ref => reference;

    /// <summary>As it is now: a plan is made anew when a type of its code was broken.</summary>
    public Plan Plan => (_plan ?? throw new ObjectDisposedException(nameof(PlanLease)))();

    /// <summary>
    /// The plan is let go of at once. A slot's thread that waits for work may still have the last task's code in its frame, and with it
    /// this; the user's code must be unloadable all the same.
    /// </summary>
    public void Dispose()
    {
        _plan = null;
        Interlocked.Exchange(ref _release, null)?.Invoke();
    }
}
