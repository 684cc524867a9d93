using MicroSpark.Grains.Contracts;

namespace MicroSpark.Grains.Workers;

/// <summary>
/// One job's record at one keeper. A snapshot of several parts takes the place of what is here once all of it has come: until then the
/// former log is what a new owner finds. Every member locks.
/// </summary>
internal sealed class KeptRecord(JobId job)
{
    /// <summary>About what a head takes in a message beside its own bytes.</summary>
    public const int HeadBytes = 64;

    private readonly Lock _lock = new();
    private List<byte[]> _entries = [];
    private RecordPoint _base;
    private RecordHead? _head;

    private List<byte[]> _parts = [];
    private RecordPoint _arriving;

    /// <summary>Null until a first snapshot is here.</summary>
    public RecordHead? Head
    {
        get
        {
            lock (_lock)
            {
                return _head;
            }
        }
    }

    public RecordReply Write(RecordWrite write)
    {
        lock (_lock)
        {
            if (_head is { Unwanted: true } && !write.Unwanted)
            {
                return RecordReply.Unwanted;
            }

            var point = _head?.Point ?? default;
            if (Math.Max(point.Epoch, _arriving.Epoch) > write.Point.Epoch)
            {
                return RecordReply.Superseded;
            }

            if (point.Epoch == write.Point.Epoch && point.Sequence >= write.Point.Sequence)
            {
                // Written before, and its reply was lost.
                return RecordReply.Kept;
            }

            return write.After is { } after ? Append(write, after) : Collect(write);
        }
    }

    /// <summary>The log from an entry on, as much as fits into a reply.</summary>
    public RecordPage? Page(int from)
    {
        lock (_lock)
        {
            if (_head is null)
            {
                return null;
            }

            var to = Math.Min(from, _entries.Count);
            var first = to;
            for (long bytes = 0; to < _entries.Count && bytes < Pages.Largest; to++)
            {
                bytes += _entries[to].Length;
            }

            return new RecordPage(_head, _base, [.. _entries[first..to]], to < _entries.Count ? to : null);
        }
    }

    private RecordReply Append(RecordWrite write, RecordPoint after)
    {
        if (_head is null || _head.Point != after)
        {
            return RecordReply.Behind;
        }

        if (write.Entry.Length > 0)
        {
            _entries.Add(write.Entry);
        }

        _head = HeadOf(write);
        return RecordReply.Kept;
    }

    private RecordReply Collect(RecordWrite write)
    {
        if (write.Part == 0)
        {
            (_parts, _arriving) = ([], write.Point);
        }

        if (_arriving != write.Point || _parts.Count != write.Part)
        {
            return RecordReply.Behind;
        }

        _parts.Add(write.Entry);
        if (_parts.Count == write.Parts)
        {
            (_entries, _base, _head) = (_parts, write.Point, HeadOf(write));
            (_parts, _arriving) = ([], default);
        }

        return RecordReply.Kept;
    }

    private RecordHead HeadOf(RecordWrite write) => new(job, write.Point, write.Head, write.Ended, write.Unwanted);
}
