using System.Globalization;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Records;

/// <summary>A job's submission as its record keeps it.</summary>
internal static class SubmissionCodec
{
    public static void Write(FieldWriter w, JobSubmission job)
    {
        w.Id(SubmissionField.Job, job.Job.Value);
        w.Id(SubmissionField.Context, job.Context.Value);
        w.Text(SubmissionField.Name, job.Name);
        w.Text(SubmissionField.Group, job.Group);
        w.Message(SubmissionField.Plan, job.Plan, WritePlan);
        w.BytesOrNull(SubmissionField.Partitions, job.Partitions?.Runs);
        w.Message(SubmissionField.Policy, job.Policy, WritePolicy);
        w.Flag(SubmissionField.Repeated, job.Repeated);
        foreach (var lineage in job.Counting ?? [])
        {
            w.Hash(SubmissionField.Counting, lineage);
        }

        if (job.Result is { } shape)
        {
            w.Message(SubmissionField.Result, shape, HeadCodec.WriteShape);
        }

        if (job.Timeout is { } most)
        {
            w.Number(SubmissionField.Timeout, most.Ticks);
        }

        w.Flag(SubmissionField.Awaited, job.Awaited);
        foreach (var (node, line, captured, debug) in job.Sources ?? [])
        {
            w.Text(SubmissionField.Sources, string.Create(CultureInfo.InvariantCulture, $"{node} {captured}{(debug ? "d" : "")} {line}"));
        }

        w.Text(SubmissionField.Owner, job.Owner);
    }

    public static JobSubmission Read(ReadOnlySpan<byte> bytes)
    {
        var job = new JobSubmission(
            default, default, "", null, new PlanRef(default, null, []), null, new TaskPolicy(1, false), Repeated: false);
        var counting = new List<LineageId>();
        var sources = new List<NodeSource>();
        var r = new FieldReader(bytes);
        while (r.Next())
        {
            switch (r.Field<SubmissionField>())
            {
                case SubmissionField.Job:
                    job = job with { Job = new JobId(r.Id) };
                    break;
                case SubmissionField.Context:
                    job = job with { Context = new ContextId(r.Id) };
                    break;
                case SubmissionField.Name:
                    job = job with { Name = r.Text };
                    break;
                case SubmissionField.Group:
                    job = job with { Group = r.Text };
                    break;
                case SubmissionField.Plan:
                    job = job with { Plan = ReadPlan(r.Bytes) };
                    break;
                case SubmissionField.Partitions:
                    job = job with { Partitions = new PartitionRuns(r.Bytes.ToArray()) };
                    break;
                case SubmissionField.Policy:
                    job = job with { Policy = ReadPolicy(r.Bytes) };
                    break;
                case SubmissionField.Repeated:
                    job = job with { Repeated = r.Flag };
                    break;
                case SubmissionField.Counting:
                    counting.Add(r.Hash);
                    break;
                case SubmissionField.Result:
                    job = job with { Result = HeadCodec.ReadShape(r.Bytes) };
                    break;
                case SubmissionField.Timeout:
                    job = job with { Timeout = new TimeSpan(r.Number) };
                    break;
                case SubmissionField.Awaited:
                    job = job with { Awaited = r.Flag };
                    break;
                case SubmissionField.Sources:
                    sources.Add(ReadSource(r.Text));
                    break;
                case SubmissionField.Owner:
                    job = job with { Owner = r.Text };
                    break;
                default:
                    break;
            }
        }

        return (job with
        {
            Counting = counting.Count == 0 ? null : [.. counting],
            Sources = sources.Count == 0 ? null : [.. sources],
        }).OwnedBy(job.Owner);
    }

    private static NodeSource ReadSource(string text)
    {
        var parts = text.Split(' ', 3);
        var debug = parts.Length == 3 && parts[1].EndsWith('d');
        return parts.Length == 3 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var node)
            && long.TryParse(debug ? parts[1][..^1] : parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var captured)
            ? new NodeSource(node, parts[2], captured, debug)
            : throw FieldReader.Damaged("a line of the source has no node");
    }

    private static void WritePlan(FieldWriter w, PlanRef plan)
    {
        w.Hash(PlanField.Name, plan.Name.Hash);
        w.BytesOrNull(PlanField.Inline, plan.Inline);
        foreach (var holder in plan.Holders)
        {
            w.Text(PlanField.Holder, holder.Value);
        }

        w.Number(PlanField.Protocol, plan.Protocol.Value);
        foreach (var gone in plan.Gone)
        {
            w.Hash(PlanField.Gone, gone.Hash);
        }
    }

    private static PlanRef ReadPlan(ReadOnlySpan<byte> bytes)
    {
        var (name, inline, protocol) = (default(BlobName), default(byte[]), default(ProtocolNumber));
        var (holders, gone) = (new List<WorkerId>(), new List<BlobName>());
        var r = new FieldReader(bytes);
        while (r.Next())
        {
            switch (r.Field<PlanField>())
            {
                case PlanField.Name:
                    name = new BlobName(r.Hash);
                    break;
                case PlanField.Inline:
                    inline = r.Bytes.ToArray();
                    break;
                case PlanField.Holder:
                    holders.Add(new WorkerId(r.Text));
                    break;
                case PlanField.Protocol:
                    protocol = new ProtocolNumber(r.Int);
                    break;
                case PlanField.Gone:
                    gone.Add(new BlobName(r.Hash));
                    break;
                default:
                    break;
            }
        }

        return new PlanRef(name, inline, [.. holders]) { Protocol = protocol, Gone = [.. gone] };
    }

    private static void WritePolicy(FieldWriter w, TaskPolicy policy)
    {
        w.Number(PolicyField.MaxTaskFailures, policy.MaxTaskFailures);
        w.Flag(PolicyField.Speculation, policy.Speculation);
        w.Number(PolicyField.MaxResultSize, policy.MaxResultSize);
        w.Message(PolicyField.Share, policy.Share, WriteShare);
        w.Number(PolicyField.MaxWorkerDeaths, policy.MaxWorkerDeaths);
        w.Number(PolicyField.NoWorkerTimeout, policy.NoWorkerTimeout.Ticks);
        w.Flag(PolicyField.SparesOwner, policy.SparesOwner);
    }

    private static void WriteShare(FieldWriter w, JobShare share)
    {
        w.Text(ShareField.Application, share.Application);
        w.Text(ShareField.Group, share.Group);
        w.Number(ShareField.Weight, share.Weight);
        w.Number(ShareField.Submitted, share.Submitted);
    }

    private static TaskPolicy ReadPolicy(ReadOnlySpan<byte> bytes)
    {
        var policy = default(TaskPolicy);
        var r = new FieldReader(bytes);
        while (r.Next())
        {
            policy = r.Field<PolicyField>() switch
            {
                PolicyField.MaxTaskFailures => policy with { MaxTaskFailures = r.Int },
                PolicyField.Speculation => policy with { Speculation = r.Flag },
                PolicyField.MaxResultSize => policy with { MaxResultSize = r.Number },
                PolicyField.Share => policy with { Share = ReadShare(r.Bytes) },
                PolicyField.MaxWorkerDeaths => policy with { MaxWorkerDeaths = r.Int },
                PolicyField.NoWorkerTimeout => policy with { NoWorkerTimeout = new TimeSpan(r.Number) },
                PolicyField.SparesOwner => policy with { SparesOwner = r.Flag },
                _ => policy,
            };
        }

        return policy;
    }

    private static JobShare ReadShare(ReadOnlySpan<byte> bytes)
    {
        var share = default(JobShare);
        var r = new FieldReader(bytes);
        while (r.Next())
        {
            share = r.Field<ShareField>() switch
            {
                ShareField.Application => share with { Application = r.Text },
                ShareField.Group => share with { Group = r.Text },
                ShareField.Weight => share with { Weight = r.Int },
                ShareField.Submitted => share with { Submitted = r.Number },
                _ => share,
            };
        }

        return share;
    }
}
