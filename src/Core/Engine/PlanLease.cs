using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Engine;

/// <summary>
/// A plan that is prepared on a worker, and stays so until this is disposed. Whoever queues tasks of it holds one until the last of them
/// has ended.
/// </summary>
internal sealed class PlanLease(PlanRef reference, Func<Plan> plan, Action release) : IDisposable
{
    private Action? _release = release;

    /// <summary>What the plan was prepared by.</summary>
    public PlanRef Ref => reference;

    /// <summary>As it is now: a plan is made anew when a type of its code was broken.</summary>
    public Plan Plan => plan();

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
