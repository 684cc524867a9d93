using MicroSpark.Model;

namespace MicroSpark.Grains.Contracts;

/// <summary>
/// How far a job's record is told: the owner's epoch, and the number of its entry. The greater one is the newer one, whoever wrote it.
/// </summary>
[GenerateSerializer, Immutable, Alias("microspark.RecordPoint")]
internal readonly record struct RecordPoint([property: Id(0)] long Epoch, [property: Id(1)] long Sequence) : IComparable<RecordPoint>
{
    public int CompareTo(RecordPoint other) => (Epoch, Sequence).CompareTo((other.Epoch, other.Sequence));

    /// <summary>Of the entry after this one, by the same owner.</summary>
    public RecordPoint Next => new(Epoch, Sequence + 1);

    /// <summary>Written out: a record prints its properties, and each point has a next one.</summary>
    public override string ToString() => $"{Epoch}/{Sequence}";
}

/// <summary>
/// An entry of a job's record, or a part of a snapshot, which stands for all entries up to its point. The bytes are numbered fields that
/// the keeper does not read.
/// </summary>
/// <param name="Point">Where the log is once this is in it.</param>
/// <param name="After">Where it must be now; null for a snapshot, which follows nothing.</param>
/// <param name="Part">Of a snapshot, from 0; it counts once all parts are there.</param>
/// <param name="Head">What lists of jobs show, as it is now.</param>
/// <param name="Ended">Null while the job runs.</param>
/// <param name="Unwanted">See <see cref="RecordHead"/>.</param>
[GenerateSerializer, Immutable, Alias("microspark.RecordWrite")]
internal sealed record RecordWrite(
    [property: Id(0)] JobId Job,
    [property: Id(1)] RecordPoint Point,
    [property: Id(2)] RecordPoint? After,
    [property: Id(3)] int Part,
    [property: Id(4)] int Parts,
    [property: Id(5)] byte[] Head,
    [property: Id(6)] byte[] Entry,
    [property: Id(7)] DateTimeOffset? Ended,
    [property: Id(8)] bool Unwanted = false);

/// <summary>What became of a write.</summary>
internal enum RecordReply : byte
{
    /// <summary>It is kept, or was before.</summary>
    Kept = 0,

    /// <summary>It does not follow what is here: a snapshot would.</summary>
    Behind = 1,

    /// <summary>A record of a higher epoch is here: the caller is no longer the job's owner.</summary>
    Superseded = 2,

    /// <summary>Nobody wants the job, which the caller does not know.</summary>
    Unwanted = 3,
}

/// <summary>A kept record without its log.</summary>
/// <param name="Ended">Null while the job runs, as far as the keeper knows.</param>
/// <param name="Unwanted">
/// Somebody has cancelled the job, or its client has let it go. This is true from then on, whoever owned it when that was said: a second
/// owner that took over from what was written before ends the job too, however high its epoch.
/// </param>
[GenerateSerializer, Immutable, Alias("microspark.RecordHead")]
internal sealed record RecordHead(
    [property: Id(0)] JobId Job,
    [property: Id(1)] RecordPoint Point,
    [property: Id(2)] byte[] Head,
    [property: Id(3)] DateTimeOffset? Ended,
    [property: Id(4)] bool Unwanted = false);

/// <summary>The records of one keeper, by the order of their jobs' ids.</summary>
/// <param name="Next">The last of them, when there are more.</param>
[GenerateSerializer, Immutable, Alias("microspark.RecordHeads")]
internal sealed record RecordHeads([property: Id(0)] RecordHead[] Heads, [property: Id(1)] JobId? Next);

/// <summary>A record as it is kept, or as much of its log as fits into a reply.</summary>
/// <param name="Base">Of the snapshot with which the log begins: pages of another one do not belong together.</param>
/// <param name="Next">Which entry comes next; null at the end.</param>
[GenerateSerializer, Immutable, Alias("microspark.RecordPage")]
internal sealed record RecordPage(
    [property: Id(0)] RecordHead Record,
    [property: Id(1)] RecordPoint Base,
    [property: Id(2)] byte[][] Entries,
    [property: Id(3)] int? Next);

/// <summary>What may be in one message: its pages are filled up to this, and an entry is no longer.</summary>
internal static class Pages
{
    /// <summary>
    /// In bytes. Half of what a message is allowed here, 4 MB, since the last thing in a page may be as large again; Orleans itself refuses
    /// messages of 100 MB.
    /// </summary>
    public const int Largest = 2 << 20;
}
