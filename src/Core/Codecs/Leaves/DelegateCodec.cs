namespace MicroSpark.Codecs.Leaves;

/// <summary>
/// Delegates inside values: only plans hold them, and <see cref="PlanFunctions"/> knows how. Data holds null in their place.
/// </summary>
internal sealed class DelegateCodec<T> : ClassCodec<T>
    where T : Delegate
{
    protected override void WriteContent(ref ValueWriter writer, T value)
    {
        if (writer.Functions is not { } functions)
        {
            throw new NotEncodableException("", Refusals.Delegate, value);
        }

        functions.Write(ref writer, value);
    }

    protected override T ReadContent(ref ValueReader reader, int number) =>
        reader.RequirePlan("a function").Read(ref reader, typeof(T), number) as T
        ?? throw ValueReader.Corrupt($"a delegate is no {typeof(T)}");
}
