namespace MicroSpark;

/// <summary>
/// Implemented by key types with their own <see cref="object.Equals(object?)"/>, so that every process sends a key to the same
/// partition. Equal keys must give equal hashes. Without it such a type is refused as a key on a cluster of several processes.
/// </summary>
public interface IStableHash
{
    /// <summary>The same for equal values, in every process and on every machine.</summary>
    ulong StableHash { get; }
}
