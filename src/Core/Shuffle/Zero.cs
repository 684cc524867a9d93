using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Shuffle;

/// <summary>
/// The start of an aggregation, to be copied for each use since functions may change it in place. Values that nobody can change are
/// handed out as they are.
/// </summary>
internal sealed class Zero<T>
{
    private readonly T _value;
    private readonly byte[]? _encoded;

    private Zero(T value, byte[]? encoded)
    {
        _value = encoded is null ? value : default!;
        _encoded = encoded;
    }

    /// <exception cref="ClosureNotShippableException">The value cannot be copied or sent.</exception>
    public static Zero<T> Of(T value)
    {
        try
        {
            return new Zero<T>(value, ValueCodec.IsShareable(typeof(T)) ? null : ValueCodec.Encode(value, CodeSpace.Process));
        }
        catch (NotEncodableException e)
        {
            throw new ClosureNotShippableException($"The zero value cannot travel: {e.Message}", e.Path.Length > 0 ? e.Path : "zero", e);
        }
    }

    public T Copy() => _encoded is null ? _value : ValueCodec.Decode<T>(_encoded, TaskContext.Current?.Code ?? CodeSpace.Process);
}
