using MicroSpark.Grains.Contracts;
using MicroSpark.Model;

namespace MicroSpark.Grains.Records;

/// <summary>
/// Makes a job's record of its head and its log. To read an entry twice is to read it once: a snapshot may have what later entries tell.
/// </summary>
internal static class LogReader
{
    /// <exception cref="InvalidDataException">The log has no submission: it is not whole.</exception>
    public static JobRecord Read(RecordHead head, IEnumerable<byte[]> entries)
    {
        JobSubmission? submission = null;
        JobError? error = null;
        var workers = new Dictionary<int, WorkerId>();
        var committed = new Dictionary<int, CommittedResult>();
        var contents = new Dictionary<LineageId, ulong>();
        foreach (var entry in entries)
        {
            var r = new FieldReader(entry);
            while (r.Next())
            {
                switch (r.Field<LogField>())
                {
                    case LogField.Submission:
                        submission = SubmissionCodec.Read(r.Bytes);
                        break;
                    case LogField.Worker:
                        ReadWorker(r.Bytes, workers);
                        break;
                    case LogField.Committed:
                        var result = ReadCommitted(r.Bytes, workers);
                        committed[result.Partition] = result;
                        break;
                    case LogField.Lost:
                        var (partition, attempt) = ReadLost(r.Bytes);
                        if (committed.TryGetValue(partition, out var known) && known.Attempt == attempt)
                        {
                            committed.Remove(partition);
                        }

                        break;
                    case LogField.Content:
                        var content = ReadContent(r.Bytes);
                        contents[content.Lineage] = content.Content;
                        break;
                    case LogField.Error:
                        error = ErrorCodec.Read(r.Bytes);
                        break;
                    default:
                        break;
                }
            }
        }

        return new JobRecord(
            submission ?? throw new InvalidDataException($"The record of job {head.Job} has no submission."), HeadCodec.Read(head),
            [.. committed.Values], [.. contents.Select(static c => new InputContent(c.Key, c.Value))], error)
        {
            Unwanted = head.Unwanted,
        };
    }

    private static void ReadWorker(ReadOnlySpan<byte> bytes, Dictionary<int, WorkerId> workers)
    {
        var (index, id) = (0, default(WorkerId));
        var r = new FieldReader(bytes);
        while (r.Next())
        {
            switch (r.Field<LogWorkerField>())
            {
                case LogWorkerField.Index:
                    index = r.Int;
                    break;
                case LogWorkerField.Id:
                    id = new WorkerId(r.Text);
                    break;
                default:
                    break;
            }
        }

        workers[index] = id;
    }

    private static CommittedResult ReadCommitted(ReadOnlySpan<byte> bytes, Dictionary<int, WorkerId> workers)
    {
        var (partition, attempt, worker, size, fingerprint, counts) = (0, default(AttemptId), 0, 0L, 0UL, false);
        byte[]? inline = null;
        var r = new FieldReader(bytes);
        while (r.Next())
        {
            switch (r.Field<CommitField>())
            {
                case CommitField.Partition:
                    partition = r.Int;
                    break;
                case CommitField.Attempt:
                    attempt = new AttemptId(r.Number);
                    break;
                case CommitField.Worker:
                    worker = r.Int;
                    break;
                case CommitField.Bytes:
                    size = r.Number;
                    break;
                case CommitField.Fingerprint:
                    fingerprint = (ulong)r.Number;
                    break;
                case CommitField.Counts:
                    counts = r.Flag;
                    break;
                case CommitField.Inline:
                    inline = r.Bytes.ToArray();
                    break;
                default:
                    break;
            }
        }

        return new CommittedResult(partition, attempt, WorkerOf(worker, workers), size, fingerprint, inline, counts, null);
    }

    private static WorkerId WorkerOf(int index, Dictionary<int, WorkerId> workers) => workers.TryGetValue(index, out var worker)
        ? worker
        : throw FieldReader.Damaged($"worker {index} is referenced and {workers.Count} were named");

    private static (int Partition, AttemptId Attempt) ReadLost(ReadOnlySpan<byte> bytes)
    {
        var (partition, attempt) = (0, default(AttemptId));
        var r = new FieldReader(bytes);
        while (r.Next())
        {
            switch (r.Field<LostField>())
            {
                case LostField.Partition:
                    partition = r.Int;
                    break;
                case LostField.Attempt:
                    attempt = new AttemptId(r.Number);
                    break;
                default:
                    break;
            }
        }

        return (partition, attempt);
    }

    private static InputContent ReadContent(ReadOnlySpan<byte> bytes)
    {
        var (lineage, content) = (default(LineageId), 0UL);
        var r = new FieldReader(bytes);
        while (r.Next())
        {
            switch (r.Field<ContentField>())
            {
                case ContentField.Lineage:
                    lineage = r.Hash;
                    break;
                case ContentField.Content:
                    content = (ulong)r.Number;
                    break;
                default:
                    break;
            }
        }

        return new InputContent(lineage, content);
    }
}
