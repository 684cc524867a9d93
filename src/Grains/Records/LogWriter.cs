using MicroSpark.Grains.Contracts;
using MicroSpark.Model;

namespace MicroSpark.Grains.Records;

/// <summary>Writes fields of a record's log, and cuts them into entries that fit into a message. A field is never cut.</summary>
internal sealed class LogWriter
{
    private readonly FieldWriter _entry = new();
    private readonly FieldWriter _inner = new();
    private readonly List<byte[]> _entries = [];

    public void Submission(JobSubmission submission)
    {
        _inner.Clear();
        SubmissionCodec.Write(_inner, submission);
        Add(LogField.Submission);
    }

    public void Worker(int index, WorkerId worker)
    {
        _inner.Clear();
        _inner.Number(LogWorkerField.Index, index);
        _inner.Text(LogWorkerField.Id, worker.Value);
        Add(LogField.Worker);
    }

    /// <param name="worker">Its index; see <see cref="Worker"/>.</param>
    /// <param name="inline">The result itself when it is small, else null.</param>
    public void Committed(int partition, AttemptId attempt, int worker, long bytes, ulong fingerprint, bool counts, byte[]? inline)
    {
        _inner.Clear();
        _inner.Number(CommitField.Partition, partition);
        _inner.Fixed(CommitField.Attempt, (ulong)attempt.Value);
        _inner.Number(CommitField.Worker, worker);
        _inner.Number(CommitField.Bytes, bytes);
        _inner.Fixed(CommitField.Fingerprint, fingerprint);
        _inner.Flag(CommitField.Counts, counts);
        _inner.BytesOrNull(CommitField.Inline, inline);
        Add(LogField.Committed);
    }

    public void Lost(int partition, AttemptId attempt)
    {
        _inner.Clear();
        _inner.Number(LostField.Partition, partition);
        _inner.Fixed(LostField.Attempt, (ulong)attempt.Value);
        Add(LogField.Lost);
    }

    public void Content(InputContent content)
    {
        _inner.Clear();
        _inner.Hash(ContentField.Lineage, content.Lineage);
        _inner.Fixed(ContentField.Content, content.Content);
        Add(LogField.Content);
    }

    public void Error(JobError error)
    {
        _inner.Clear();
        ErrorCodec.Write(_inner, error);
        Add(LogField.Error);
    }

    /// <summary>What was written since this was last asked; one entry at least, which may be empty.</summary>
    public byte[][] Take()
    {
        if (_entry.Length > 0 || _entries.Count == 0)
        {
            Cut();
        }

        byte[][] taken = [.. _entries];
        _entries.Clear();
        return taken;
    }

    private void Add(LogField field)
    {
        if (_entry.Length > 0 && _entry.Length + _inner.Length > Pages.Largest)
        {
            Cut();
        }

        _entry.Bytes(field, _inner.Written);
    }

    private void Cut()
    {
        _entries.Add(_entry.ToArray());
        _entry.Clear();
    }
}
