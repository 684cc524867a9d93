using System.Runtime.CompilerServices;

namespace MicroSpark.Codecs;

/// <summary>A class as its fields, by code made for it at the first use.</summary>
internal sealed class ClassFieldsCodec<T> : ClassCodec<T>
    where T : class
{
    // Most classes are written often or never: the type's graph is not followed before it is needed.
    private readonly bool _isDeep = FieldsEmitter.IsDeep(typeof(T));
    private FieldsWriter<T>? _write;
    private FieldsReader<T>? _read;

    protected override bool IsDeep => _isDeep;

    protected override void WriteContent(ref ValueWriter writer, T value) => (_write ??= FieldsEmitter.Writer<T>())(ref writer, ref value);

    protected override T ReadContent(ref ValueReader reader, int number)
    {
        var value = (T)RuntimeHelpers.GetUninitializedObject(typeof(T));
        reader.Register(number, value);
        (_read ??= FieldsEmitter.Reader<T>())(ref reader, ref value);
        return value;
    }
}

/// <summary>A struct with references inside, as its fields.</summary>
internal sealed class StructFieldsCodec<T> : Codec<T>
{
    private FieldsWriter<T>? _write;
    private FieldsReader<T>? _read;

    public override int MinBytes { get; } = RawLayout.MinBytes(typeof(T));

    public override void Write(ref ValueWriter writer, in T value) =>
        (_write ??= FieldsEmitter.Writer<T>())(ref writer, ref Unsafe.AsRef(in value));

    public override void Read(ref ValueReader reader, out T value)
    {
        value = default!;
        (_read ??= FieldsEmitter.Reader<T>())(ref reader, ref value);
    }

    public override void WriteRun(ref ValueWriter writer, ReadOnlySpan<T> items)
    {
        var write = _write ??= FieldsEmitter.Writer<T>();
        foreach (ref readonly var item in items)
        {
            write(ref writer, ref Unsafe.AsRef(in item));
        }
    }

    public override void ReadRun(ref ValueReader reader, Span<T> items)
    {
        var read = _read ??= FieldsEmitter.Reader<T>();
        foreach (ref var item in items)
        {
            read(ref reader, ref item);
        }
    }
}
