using MicroSpark.Readers;

namespace MicroSpark.Stages;

/// <summary>Counts what reaches it.</summary>
internal struct CountSink<T> : IRunSink<T>, ITakesAll
{
    public long Count;

    public bool Add(T item)
    {
        Count++;
        return true;
    }

    public void AddRun(ReadOnlySpan<T> run) => Count += run.Length;

    public void AddLasting(ReadOnlyMemory<T> run) => Count += run.Length;
}
