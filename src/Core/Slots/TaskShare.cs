using MicroSpark.Model;

namespace MicroSpark.Slots;

/// <summary>
/// Whose time a task takes. A worker's slots are shared between principals, then their contexts, then the contexts' groups, then the
/// groups' jobs.
/// </summary>
/// <param name="Application">The name of the context's program, by which a cluster gives weights.</param>
/// <param name="Group">Null for none: the jobs of a context that are in no group are one group together.</param>
/// <param name="Weight">Of the group among its context's groups, from 1 to 100.</param>
/// <param name="Submitted">When the job was submitted, in ticks of its client's clock: the order of the jobs of one context.</param>
/// <param name="Owner">Who submitted the job; null for whoever has the cluster's own secret, who are one.</param>
internal readonly record struct TaskShare(
    Guid Context, string Application, string? Group, int Weight, JobId Job, long Submitted, string? Owner = null)
{
    public const int LeastWeight = 1;
    public const int MostWeight = 100;
}
