using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Records;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Jobs;

/// <summary>
/// A job's record as its owner tells it: each entry is what came since the one before, so that a million results are written once, however
/// often there is a write. For one thread at a time: the turns of the JobGrain.
/// <code>
///   sequence      1           2            3                 4
///   keepers get   snapshot    0..99        100..180          181..181, lost: 7
/// </code>
/// The law: what an entry tells may be told again. A snapshot is made when a keeper asks for one, and may have what the next entry tells.
/// </summary>
internal sealed class RecordLog(JobFile file)
{
    /// <summary>Less than this is not worth a snapshot that leaves it out.</summary>
    private const int FewWasted = 4096;

    /// <summary>About what a lost result has taken, and the note of its loss.</summary>
    private const int LostBytes = 64;

    private readonly LogWriter _writer = new();
    private readonly Dictionary<LineageId, ulong> _contents = [];
    private int _results;
    private int _forgotten;
    private int _workers;
    private int _era;
    private JobError? _error;

    /// <summary>Bytes since the last snapshot, with it.</summary>
    private long _told;

    /// <summary>What of them says nothing any more.</summary>
    private long _wasted;

    private bool _planIsIdle;

    /// <summary>Whether the keepers have a plan of some size that nobody needs any more.</summary>
    public bool HasIdlePlan => file.Released && !_planIsIdle && file.Submission.Plan.Inline is { Length: > FewWasted };

    /// <summary>Of the last entry.</summary>
    public RecordPoint Point { get; private set; } = new(file.Epoch, 0);

    /// <summary>
    /// Whether a snapshot is better than another entry: half of the log, or more, says nothing any more, or the results were let go.
    /// </summary>
    public bool WantsSnapshot { get; private set; }

    /// <summary>The news since the last call: an entry at least, and several where they do not fit into a message.</summary>
    public byte[][] Advance(JobState.Known job)
    {
        if (_era != file.Results.Era)
        {
            (_era, _results, _forgotten, WantsSnapshot) = (file.Results.Era, 0, 0, true);
        }

        WriteWorkers(ref _workers);
        for (; _results < file.Results.Logged; _results++)
        {
            WriteResult(_results);
        }

        for (; _forgotten < file.Results.Forgotten.Count; _forgotten++)
        {
            ref readonly var lost = ref file.Results[file.Results.Forgotten[_forgotten]];
            _writer.Lost(lost.Partition, lost.Attempt);
            _wasted += LostBytes;
        }

        foreach (var content in file.Contents)
        {
            if (!_contents.TryGetValue(content.Lineage, out var told) || told != content.Content)
            {
                _contents[content.Lineage] = content.Content;
                _writer.Content(content);
            }
        }

        if (job.Error is { } error && _error != error)
        {
            _error = error;
            _writer.Error(error);
        }

        if (NeedsNoPlan(job) && !_planIsIdle)
        {
            _planIsIdle = true;
            _wasted += file.Submission.Plan.Inline?.Length ?? 0;
        }

        var entries = _writer.Take();
        Point = Point with { Sequence = Point.Sequence + entries.Length };
        _told += entries.Sum(static e => (long)e.Length);
        WantsSnapshot |= _wasted > FewWasted && _wasted * 2 > _told;
        return entries;
    }

    /// <summary>All that counts, in as many parts as it takes; it stands for every entry up to <see cref="Point"/>.</summary>
    public byte[][] Snapshot(JobState.Known job)
    {
        var plan = file.Submission.Plan;
        _writer.Submission(NeedsNoPlan(job) ? file.Submission with { Plan = plan with { Inline = null } } : file.Submission);
        var workers = 0;
        WriteWorkers(ref workers);
        for (var i = 0; i < file.Results.Logged; i++)
        {
            if (file.Results.Counts(i))
            {
                WriteResult(i);
            }
        }

        foreach (var content in file.Contents)
        {
            _writer.Content(content);
        }

        if (job.Error is { } error)
        {
            _writer.Error(error);
        }

        var parts = _writer.Take();
        (_told, _wasted, WantsSnapshot) = (parts.Sum(static e => (long)e.Length), 0, false);
        return parts;
    }

    /// <summary>One that has succeeded is driven again when its results are lost before somebody has read them.</summary>
    private bool NeedsNoPlan(JobState.Known job) => job is JobState.Failed or JobState.Cancelled || file.Released;

    private void WriteWorkers(ref int from)
    {
        for (; from < file.Results.Workers.Count; from++)
        {
            _writer.Worker(from, file.Results.Workers[from]);
        }
    }

    private void WriteResult(int position)
    {
        ref readonly var row = ref file.Results[position];
        var small = row.Inline is { Length: <= TaskOutcome.Succeeded.LargestRecorded } inline ? inline : null;
        _writer.Committed(row.Partition, row.Attempt, row.Worker, row.Bytes, row.Fingerprint, row.Adds, small);
    }
}
