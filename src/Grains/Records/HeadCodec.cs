using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Records;

/// <summary>The head of a job's record: what a list of jobs shows.</summary>
internal static class HeadCodec
{
    public static byte[] Write(JobSummary job)
    {
        job = job.Shortened();
        var w = new FieldWriter();
        w.Id(HeadField.Job, job.Job.Value);
        w.Id(HeadField.Context, job.Context.Value);
        w.Text(HeadField.Name, job.Name);
        w.Text(HeadField.Group, job.Group);
        w.Number(HeadField.Phase, (long)job.Phase);
        w.Number(HeadField.StagesDone, job.StagesDone);
        w.Number(HeadField.StagesTotal, job.StagesTotal);
        w.Number(HeadField.TasksDone, job.TasksDone);
        w.Number(HeadField.TasksTotal, job.TasksTotal);
        w.Time(HeadField.Started, job.Started);
        if (job.Ended is { } ended)
        {
            w.Time(HeadField.Ended, ended);
        }

        w.Text(HeadField.Error, job.Error);
        w.Message(HeadField.Traffic, job.Traffic, WriteTraffic);
        if (job.Result is { } shape)
        {
            w.Message(HeadField.Result, shape, WriteShape);
        }

        w.Text(HeadField.Owner, job.Owner);
        return w.ToArray();
    }

    public static JobSummary Read(RecordHead record)
    {
        var head = new JobSummary(
            record.Job, default, "", null, record.Point.Epoch, record.Point.Sequence, JobPhase.Running, 0, 0, 0, 0, default, null, null,
            default);
        var r = new FieldReader(record.Head);
        while (r.Next())
        {
            head = r.Field<HeadField>() switch
            {
                HeadField.Context => head with { Context = new ContextId(r.Id) },
                HeadField.Name => head with { Name = r.Text },
                HeadField.Group => head with { Group = r.Text },
                HeadField.Phase => head with { Phase = (JobPhase)r.Number },
                HeadField.StagesDone => head with { StagesDone = r.Int },
                HeadField.StagesTotal => head with { StagesTotal = r.Int },
                HeadField.TasksDone => head with { TasksDone = r.Int },
                HeadField.TasksTotal => head with { TasksTotal = r.Int },
                HeadField.Started => head with { Started = r.Time },
                HeadField.Ended => head with { Ended = r.Time },
                HeadField.Error => head with { Error = r.Text },
                HeadField.Traffic => head with { Traffic = ReadTraffic(r.Bytes) },
                HeadField.Result => head with { Result = ReadShape(r.Bytes) },
                HeadField.Owner => head with { Owner = r.Text },
                _ => head,
            };
        }

        return head;
    }

    public static void WriteShape(FieldWriter w, ResultShape shape)
    {
        w.Text(ShapeField.Type, shape.Type);
        w.Text(ShapeField.Identity, shape.Identity);
        w.Flag(ShapeField.Joined, shape.Joined);
    }

    public static ResultShape ReadShape(ReadOnlySpan<byte> bytes)
    {
        var shape = new ResultShape("", "", false);
        var r = new FieldReader(bytes);
        while (r.Next())
        {
            shape = r.Field<ShapeField>() switch
            {
                ShapeField.Type => shape with { Type = r.Text },
                ShapeField.Identity => shape with { Identity = r.Text },
                ShapeField.Joined => shape with { Joined = r.Flag },
                _ => shape,
            };
        }

        return shape;
    }

    private static void WriteTraffic(FieldWriter w, TaskTraffic traffic)
    {
        w.Number(TrafficField.Input, traffic.Input);
        w.Number(TrafficField.ShuffleRead, traffic.ShuffleRead);
        w.Number(TrafficField.RemoteRead, traffic.RemoteRead);
        w.Number(TrafficField.ShuffleWritten, traffic.ShuffleWritten);
        w.Number(TrafficField.Spilled, traffic.Spilled);
        w.Number(TrafficField.ReadRecords, traffic.ReadRecords);
    }

    private static TaskTraffic ReadTraffic(ReadOnlySpan<byte> bytes)
    {
        var traffic = default(TaskTraffic);
        var r = new FieldReader(bytes);
        while (r.Next())
        {
            traffic = r.Field<TrafficField>() switch
            {
                TrafficField.Input => traffic with { Input = r.Number },
                TrafficField.ShuffleRead => traffic with { ShuffleRead = r.Number },
                TrafficField.RemoteRead => traffic with { RemoteRead = r.Number },
                TrafficField.ShuffleWritten => traffic with { ShuffleWritten = r.Number },
                TrafficField.Spilled => traffic with { Spilled = r.Number },
                TrafficField.ReadRecords => traffic with { ReadRecords = r.Number },
                _ => traffic,
            };
        }

        return traffic;
    }
}
