using MicroSpark.Model;

namespace MicroSpark.Storage;

/// <summary>
/// To whom one worker sends one blob. The law: to the first two that ask; who comes later is sent on to these two, which do the same. So
/// the blob spreads as a tree of twos in as many steps as the logarithm of its readers, and nobody's line carries it more than twice,
/// however many read it:
/// <code>
///     holder ─┬─> a ─┬─> c
///             │      └─> d        e asks the holder, is told "a, b", asks b, and waits there until b has it
///             └─> b ───> e
/// </code>
/// </summary>
internal sealed class BlobReaders
{
    /// <summary>Readers that one worker sends to.</summary>
    internal const int Most = 2;

    private readonly Lock _gate = new();
    private readonly List<WorkerId> _readers = new(Most);

    /// <summary>Takes a reader on, or names those that were.</summary>
    /// <param name="asks">Who insists has asked those that were named before, in vain: they are forgotten.</param>
    /// <returns>Empty: send it.</returns>
    public WorkerId[] Admit(WorkerId reader, BlobAsks asks)
    {
        lock (_gate)
        {
            if (asks == BlobAsks.Insisting)
            {
                _readers.Clear();
            }

            // Who asks twice did not get what was sent.
            if (_readers.Contains(reader))
            {
                return [];
            }

            if (_readers.Count == Most)
            {
                return [.. _readers];
            }

            _readers.Add(reader);
            return [];
        }
    }
}

/// <summary>Why a worker is asked for a blob.</summary>
internal enum BlobAsks : byte
{
    /// <summary>It was given the blob, by whoever put it there. It sends it, or names others.</summary>
    Holder,

    /// <summary>It was named. When the blob is still on its way there, the reader waits for it. Only then: two that wait for each other
    /// would not end.</summary>
    Named,

    /// <summary>Nobody else gave it.</summary>
    Insisting,
}

/// <summary>A blob that a worker has, or that is on its way there.</summary>
/// <param name="Content">Throws <see cref="Tasks.BlobMissingException"/> when nobody had it after all.</param>
internal readonly record struct ServedBlob(Task<byte[]> Content, BlobReaders Readers);

/// <summary>What a worker says that is asked for a blob: the blob, or who else has it or will have it. Neither: it knows nothing.</summary>
internal readonly record struct BlobAnswer(byte[]? Content, IReadOnlyList<WorkerId> Others);
