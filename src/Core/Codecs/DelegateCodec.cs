namespace MicroSpark.Codecs;

/// <summary>Delegates, as far as <see cref="DelegateCodecs.Provider"/> can write them.</summary>
internal sealed class DelegateCodec<T> : ClassCodec<T>
    where T : Delegate
{
    protected override void WriteContent(ref ValueWriter writer, T value) => DelegateCodecs.Provider.Write(ref writer, value);

    protected override T ReadContent(ref ValueReader reader, int number) =>
        DelegateCodecs.Provider.Read(ref reader, typeof(T), number) as T ?? throw ValueReader.Corrupt($"a delegate is no {typeof(T)}");
}
