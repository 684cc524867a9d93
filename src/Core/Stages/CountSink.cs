using MicroSpark.Readers;

namespace MicroSpark.Stages;

/// <summary>Counts what reaches it.</summary>
internal struct CountSink<T> : IRunSink<T>, ITakesAll, IBriefSink
{
    public long Count;

    public readonly bool IsBrief => true;

    public bool Add(T item)
    {
        Count++;
        return true;
    }

    public void AddRun(ReadOnlySpan<T> run) => Count += run.Length;

    public void AddLasting(ReadOnlyMemory<T> run) => Count += run.Length;
}
