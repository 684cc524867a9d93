namespace MicroSpark.Grains.Security;

/// <summary>
/// Marks a grain interface, or one method of it, that only holders of the cluster's secret may call. Checked by
/// <see cref="ProofCheckFilter"/> in somebody else's host; where the connections themselves are secured it has nothing to add. The
/// caller's side attaches the proof by itself (<see cref="ProofFilter"/>).
/// </summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Interface)]
internal sealed class RequiresProofAttribute : Attribute;
