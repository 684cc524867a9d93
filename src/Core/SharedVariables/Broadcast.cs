using System.Runtime.CompilerServices;
using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.SharedVariables;
using MicroSpark.Tasks;

namespace MicroSpark;

/// <summary>
/// A read-only value for tasks, made by <c>context.Broadcast(value)</c>. Capture it in lambdas and read <see cref="Value"/> there. It is
/// sent to each silo once, in pieces, when a task first reads it. All tasks of the silo share that one copy, so they must not change it.
/// </summary>
/// <remarks>
/// Tasks see the value as it was at the broadcast, in every mode; an embedded silo reads a copy of its own too. Two broadcasts of the same
/// content are one to the workers, and in a recipe's identity.
/// </remarks>
/// <typeparam name="T">Any type that can travel; null is a value.</typeparam>
[EncodedBy(typeof(BroadcastCodec<>))]
public sealed class Broadcast<T> : IShippable
{
    private readonly BroadcastOwner? _owner;
    private readonly BroadcastSource? _source;
    private volatile StrongBox<T>? _value;

    /// <summary>The program's own.</summary>
    internal Broadcast(BroadcastOwner owner, T value)
    {
        (_owner, Content) = (owner, owner.Content);
        _value = new StrongBox<T>(value);
    }

    /// <summary>A task's: it looks for the value when it is first read.</summary>
    internal Broadcast(BroadcastContent content, BroadcastSource? source) => (Content, _source) = (content, source);

    internal BroadcastContent Content { get; }

    /// <summary>The value: in a task the silo's copy, in the program what was given.</summary>
    /// <exception cref="ObjectDisposedException">It was destroyed.</exception>
    /// <exception cref="InvalidOperationException">No worker holds it any more.</exception>
    public T Value => (_value ?? Load()).Value!;

    /// <summary>
    /// Makes the workers forget their copies. Tasks that read it later get it sent again. Tasks that have it go on with it.
    /// </summary>
    /// <exception cref="ObjectDisposedException">It was destroyed.</exception>
    /// <exception cref="InvalidOperationException">Called inside a task.</exception>
    public Task UnpersistAsync(CancellationToken cancellationToken = default) => Owner().UnpersistAsync(cancellationToken);

    /// <summary>
    /// Removes all of it from workers and program. Afterwards it cannot be read or captured, and tasks of lambdas that captured it before
    /// fail when they read it. Again is no error.
    /// </summary>
    /// <exception cref="InvalidOperationException">Called inside a task.</exception>
    public Task DestroyAsync(CancellationToken cancellationToken = default)
    {
        var destroyed = Owner().DestroyAsync(cancellationToken);
        _value = null;
        return destroyed;
    }

    /// <inheritdoc />
    public override string ToString() => $"Broadcast of {TypeNames.Of(typeof(T))}, {Content.Length:N0} bytes";

    void IShippable.OnCapture(CaptureContext context)
    {
        if (_owner is not { } owner || owner.IsDestroyed)
        {
            throw CaptureContext.Refuse(this, "it was destroyed. Broadcast the value again, or destroy it after its last use.");
        }

        foreach (var blob in owner.Blobs)
        {
            context.Need(blob);
        }

        context.Need(owner.Assemblies);
    }

    private BroadcastOwner Owner() => _owner ?? throw new InvalidOperationException(
        "A broadcast is unpersisted and destroyed by the program that made it, not inside a task.");

    private StrongBox<T> Load()
    {
        _owner?.ThrowIfDestroyed();
        var source = _source ?? BroadcastSource.OfTask() ?? throw new InvalidOperationException(
            "A broadcast that belongs to a task was read outside of it. Read Value inside the lambda.");
        return _value = source.Get<T>(Content);
    }
}
