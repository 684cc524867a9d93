namespace MicroSpark.Memory;

/// <summary>
/// What one table or list of a running task holds of its budget, as it grows and goes: see <see cref="TaskMemory.Hold"/>. What fits into a
/// core's cache is not worth counting.
/// </summary>
/// <param name="task">Null when nobody counts.</param>
internal struct TableMemory(TaskMemory? task)
{
    private const long Least = 256 << 10;

    private long _held;

    public readonly bool Counts => task is not null;

    /// <summary>It now holds so many bytes.</summary>
    public void Set(long bytes)
    {
        if (task is null || (bytes < Least && _held == 0))
        {
            return;
        }

        if (bytes > _held)
        {
            task.Hold(bytes - _held);
        }
        else
        {
            // A task whose output is complete has given all back already.
            task.Shrink(Math.Min(_held - bytes, task.Held));
        }

        _held = bytes;
    }
}
