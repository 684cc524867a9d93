namespace MicroSpark.Security;

/// <summary>
/// Marks a method of a grain interface that only holders of the cluster's secret may call: submit, cancel, upload. Checked by
/// <see cref="ProofCheckFilter"/>; the caller's side attaches the proof by itself (<see cref="ProofFilter"/>).
/// </summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Interface)]
internal sealed class RequiresProofAttribute : Attribute;
