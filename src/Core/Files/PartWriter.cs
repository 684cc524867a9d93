using MicroSpark.Stopping;

namespace MicroSpark.Files;

/// <summary>Turns the elements of one partition into the content of its file.</summary>
internal abstract class PartWriter<T>(int partition) : IDisposable
{
    private readonly TaskProgress _task = TaskProgress.Current;

    /// <summary>Elements written so far.</summary>
    public long Count { get; protected set; }

    /// <exception cref="InvalidOperationException">An element is null, which the format cannot hold.</exception>
    /// <exception cref="IOException">The disk is full, or the file cannot be written for another reason; the message names it.</exception>
    public abstract void Write(ReadOnlySpan<T> elements);

    /// <summary>Writes what waits, and how the format ends. The stream stays open.</summary>
    public abstract void Complete();

    public virtual void Dispose()
    {
    }

    /// <summary>Called after each element: its text may be a user's code.</summary>
    /// <exception cref="OperationCanceledException">The task is to end.</exception>
    protected void CountOne()
    {
        Count++;
        _task.ThrowIfStopped();
    }

    /// <param name="format">What the format calls a file: <c>CSV file</c>.</param>
    protected ArgumentException NullElement(string format) => NullElement(Count, partition, format);

    internal static ArgumentException NullElement(long element, int partition, string format) => new(
        $"Element {element} of partition {partition} is null, and a {format} cannot hold null. Filter nulls out before saving, or map "
        + $"them to something else.");
}
