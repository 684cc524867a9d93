using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Formats.Records;

/// <summary>
/// Which types rows are made of. A row is made by its constructor and its setters with what a file says. The program's own do what their
/// author meant; one of the framework's that stands for something of this process (a file, a process, a watcher) would act on what the
/// file says.
/// </summary>
internal static class RowTypes
{
    /// <exception cref="ArgumentException">Rows are no data.</exception>
    public static void EnsureData(Type type, string operatorName)
    {
        if (Origins.IsFramework(type.Assembly) && Refusals.Of(type) is { } refusal)
        {
            throw new ArgumentException($"{operatorName} makes no rows of '{type}': {refusal}");
        }
    }
}
