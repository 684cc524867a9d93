namespace MicroSpark.Codecs.Leaves;

/// <summary>Strings as <see cref="Strings"/> writes them.</summary>
internal sealed class StringCodec : Codec<string?>
{
    public override void Write(ref ValueWriter writer, in string? value) => writer.WriteString(value);

    public override void Read(ref ValueReader reader, out string? value) => value = reader.ReadString();
}
