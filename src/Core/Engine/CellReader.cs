using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MicroSpark.Memory;
using MicroSpark.Storage;
using MicroSpark.Tasks;

namespace MicroSpark.Engine;

/// <summary>
/// Reads the cells of one bucket, one cell for each map partition, as long as their blocks lie typed in this process's memory. With many
/// maps and reducers cells are short, and what a cell costs whatever it holds is most of the work. So it looks some cells ahead, that their
/// cache misses overlap, and short cells are copied together: whoever reads pays for a run, and not for a cell.
/// </summary>
internal sealed class CellReader<T>(BlockMap map, BlockIndex index, int bucket, LocalBlocks inputs) : IDisposable
{
    /// <summary>Cells that are looked for together.</summary>
    private const int MostAhead = 32;

    private const int GatheredBytes = 16 << 10;
    private const int ShortBytes = 2 << 10;

    private static readonly int s_gathered = Math.Max(MostAhead, GatheredBytes / Unsafe.SizeOf<T>());

    /// <summary>Elements of the longest cell of which a copy costs less than handing it out by itself.</summary>
    private static readonly int s_short = ShortBytes / Unsafe.SizeOf<T>();

    private readonly BucketBlock<T>[] _blocks = new BucketBlock<T>[Math.Min(MostAhead, map.WorkerOf.Length)];
    private readonly ReadOnlyMemory<T>[] _cells = new ReadOnlyMemory<T>[Math.Min(MostAhead, map.WorkerOf.Length)];
    private int _at;
    private int _count;
    private T[] _gathered = [];
    private ReadOnlyMemory<T> _run;

    // Whether the run is a cell's own memory.
    private bool _lasting;

    /// <summary>Whether all that was taken has been read.</summary>
    public bool IsEmpty => _run.IsEmpty;

    /// <summary>
    /// Takes a long cell, or short ones as far as there is room. It stops before a partition whose block has to be read in another way, and
    /// is empty when that is the next one. All that was taken before has been read.
    /// </summary>
    /// <param name="waits">Whether the cursor stands at a partition that nobody has read.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Take(ref BucketIndex.Cursor partitions, ref bool waits)
    {
        var gathered = 0;
        var bytes = 0.0;
        while (_at < _count || (waits && Look(ref partitions, ref waits)))
        {
            var cell = _cells[_at].Span;
            if (cell.Length > s_short)
            {
                if (gathered == 0)
                {
                    bytes = cell.Length * _blocks[_at].ElementBytes;
                    (_run, _lasting) = (_cells[_at++], true);
                }

                break;
            }

            if (_gathered.Length == 0)
            {
                _gathered = Borrowed.Array<T>(s_gathered);
            }

            if (gathered + cell.Length > _gathered.Length)
            {
                break;
            }

            cell.CopyTo(_gathered.AsSpan(gathered));
            gathered += cell.Length;
            bytes += cell.Length * _blocks[_at++].ElementBytes;
        }

        if (gathered > 0)
        {
            (_run, _lasting) = (_gathered.AsMemory(0, gathered), false);
        }

        inputs.Counters.Read(shuffle: true, (long)bytes, _run.Length);
    }

    public ReadOnlySpan<T> Next(int limit)
    {
        var run = _run.Span[..Math.Min(limit, _run.Length)];
        _run = _run[run.Length..];
        return run;
    }

    /// <summary>What is left of the run, if its memory stays as it is; false when it must be read by <see cref="Next"/>.</summary>
    public bool NextLasting(out ReadOnlyMemory<T> run)
    {
        run = _lasting ? _run : default;
        _run = _lasting ? default : _run;
        return _lasting;
    }

    public void Dispose() => Borrowed.GiveBack(ref _gathered);

    /// <summary>Finds the next cells that have elements; false when the partition that waits is none of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Look(ref BucketIndex.Cursor partitions, ref bool waits)
    {
        (_at, _count) = (0, 0);
        while (waits && _count == 0 && index.Held(partitions.Current) is BucketBlock<T>)
        {
            inputs.Touch(map, map.WorkerOf[partitions.Current]);
            var found = 0;
            while (waits && found < _blocks.Length && index.Held(partitions.Current) is BucketBlock<T> block)
            {
                block.Prefetch(bucket);
                _blocks[found++] = block;
                waits = partitions.MoveNext();
            }

            for (var i = 0; i < found; i++)
            {
                var cell = _blocks[i].Bucket(bucket);
                if (!cell.IsEmpty)
                {
                    Prefetch.Read(ref MemoryMarshal.GetReference(cell.Span));
                    _cells[_count] = cell;
                    _blocks[_count++] = _blocks[i];
                }
            }
        }

        return _count > 0;
    }
}
