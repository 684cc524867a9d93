using MicroSpark.Code;
using MicroSpark.Stopping;

namespace MicroSpark.Memory;

/// <summary>
/// What one running task holds of its silo's budget. Operators that hold much count their arrays here before they grow; a refusal means:
/// spill, then go on within what is held. All is given back when the task ends. Used by the task's thread.
/// </summary>
internal sealed class TaskMemory(MemoryPool pool, SpillFolder folder, CodeSpace code, OwnerQuota? quota = null) : IDisposable
{
    private readonly List<SpillFile> _files = [];
    private readonly HashSet<SpillFile> _kept = [];
    private SpillFile? _spill;

    /// <summary>Bytes granted. The pool sets it.</summary>
    public long Held { get; internal set; }

    /// <summary>Of whose job it is; null for who may have whatever there is.</summary>
    public OwnerQuota? Quota => quota;

    /// <inheritdoc cref="MemoryPool.LongestLine" />
    public long LongestLine => pool.LongestLine;

    /// <summary>Bytes that the task has written to disk.</summary>
    public long SpilledBytes => _files.Sum(static f => f.Length);

    /// <summary>The task's private file, made on first use and deleted at the task's end.</summary>
    public SpillFile Spill => _spill ??= NewFile();

    /// <summary>Asks for more. False: spill what you can, then go on within what you hold.</summary>
    public bool TryGrow(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        using var section = TaskProgress.Current.Engine();
        return pool.TryGrant(this, bytes);
    }

    /// <summary>
    /// Counts data that cannot be spilled, such as a table. It is never refused, so that it changes no result; data that can be spilled
    /// makes room for it.
    /// </summary>
    public void Hold(long bytes)
    {
        using var section = TaskProgress.Current.Engine();
        pool.Hold(this, bytes);
    }

    /// <summary>Gives back.</summary>
    public void Shrink(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, Held);
        using var section = TaskProgress.Current.Engine();
        pool.TakeBack(this, bytes);
    }

    /// <summary>
    /// A file for output that outlives the task: what a block on disk is made of. Whoever makes the block keeps the file; of a task that
    /// fails before, it is deleted with the task (see <see cref="Keep"/>).
    /// </summary>
    public SpillFile NewFile()
    {
        var file = new SpillFile(folder, code, quota);
        _files.Add(file);
        return file;
    }

    /// <summary>The file is complete, belongs to a block and survives the task.</summary>
    public SpillFile Keep(SpillFile file)
    {
        file.EndWriting();
        _kept.Add(file);
        return file;
    }

    public void Dispose()
    {
        Shrink(Held);
        pool.Close(this);
        foreach (var file in _files)
        {
            if (!_kept.Contains(file))
            {
                file.Dispose();
            }
        }

        _files.Clear();
    }
}
