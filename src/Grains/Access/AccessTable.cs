using System.Collections.Frozen;
using System.Reflection;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Security;

namespace MicroSpark.Grains.Access;

/// <summary>
/// Which right a call needs that came in at a gateway, method by method. What has no row is for nobody there, whatever grain or system
/// target it is of: silos among themselves ask no table. Where a row says <see cref="Rights.Submit"/> the grain asks whose the job is, too
/// (<see cref="Principal.Owns"/>). docs/security.md has the same table for people; a test holds both, and that each method of ours is here.
/// </summary>
internal static class AccessTable
{
    /// <summary>Orleans' own client asks it which grains there are.</summary>
    private const string Manifest = "Orleans.Runtime.IClusterManifestSystemTarget";

    private static readonly FrozenDictionary<(Type Grain, string Method), Rights> s_rows = Rows().ToFrozenDictionary(
        static row => (row.Grain, row.Method), static row => row.Needs);

    /// <summary>All rows, in the order of the contracts.</summary>
    public static IEnumerable<(Type Grain, string Method, Rights Needs)> Rows() =>
    [
        .. Of<IClusterGrain>(
            Rights.Read, nameof(IClusterGrain.WorkersAsync), nameof(IClusterGrain.JobsAsync), nameof(IClusterGrain.KeptAsync),
            nameof(IClusterGrain.EventsAsync), nameof(IClusterGrain.WitnessedAsync), nameof(IClusterGrain.SaidAsync),
            nameof(IClusterGrain.OwnerAsync)),

        // Of a recipe, by the id in the caller's plan: which output that is depends on who he is, so it is never another's.
        .. Of<IClusterGrain>(
            Rights.Submit, nameof(IClusterGrain.ReleaseOutputsAsync), nameof(IClusterGrain.RenewLeaseAsync),
            nameof(IClusterGrain.UnpersistAsync), nameof(IClusterGrain.UpdatesAsync)),
        .. Of<IClusterGrain>(Rights.Upload, nameof(IClusterGrain.DropBroadcastAsync), nameof(IClusterGrain.ForgetCodeAsync)),
        .. Of<IJobGrain>(Rights.Read, nameof(IJobGrain.StatusAsync), nameof(IJobGrain.LookAsync)),
        .. Of<IJobGrain>(
            Rights.Submit, nameof(IJobGrain.SubmitAsync), nameof(IJobGrain.WaitAsync), nameof(IJobGrain.CancelAsync),
            nameof(IJobGrain.ReportLostAsync), nameof(IJobGrain.UpdatesAsync), nameof(IJobGrain.SaidAsync), nameof(IJobGrain.KeepAsync),
            nameof(IJobGrain.ReleaseAsync)),
        .. Of<IJobGrain>(Rights.Join, nameof(IJobGrain.SayAsync), nameof(IJobGrain.WakeAsync)),
        .. Of<IRddGrain>(Rights.Administer, nameof(IRddGrain.UnpersistAsync)),
        .. Of<IRddGrain>(
            Rights.Join, nameof(IRddGrain.EnsureAsync), nameof(IRddGrain.WaitAsync), nameof(IRddGrain.LocateAsync),
            nameof(IRddGrain.LocateRestAsync), nameof(IRddGrain.ContentAsync), nameof(IRddGrain.ReportLostAsync),
            nameof(IRddGrain.ReleaseAsync), nameof(IRddGrain.LeaveAsync), nameof(IRddGrain.UnholdAsync),
            nameof(IRddGrain.UpdatesAsync)),
        .. Of<IPartitionGrain>(
            Rights.Join, nameof(IPartitionGrain.RunAsync), nameof(IPartitionGrain.NextAsync), nameof(IPartitionGrain.ShareAsync),
            nameof(IPartitionGrain.CancelAsync)),

        // Where a worker's data port is.
        .. Of<IWorkerGrain>(Rights.Read, nameof(IWorkerGrain.DescribeAsync)),
        .. Of<IWorkerGrain>(
            Rights.Join, nameof(IWorkerGrain.RunBatchAsync), nameof(IWorkerGrain.NextAsync), nameof(IWorkerGrain.OfferAsync),
            nameof(IWorkerGrain.ShareAsync), nameof(IWorkerGrain.ReserveAsync), nameof(IWorkerGrain.ReserveAllAsync),
            nameof(IWorkerGrain.UnreserveAsync), nameof(IWorkerGrain.CancelBatchAsync), nameof(IWorkerGrain.TakeBackAsync),
            nameof(IWorkerGrain.BlocksOfAsync), nameof(IWorkerGrain.TouchAsync), nameof(IWorkerGrain.DropAsync),
            nameof(IWorkerGrain.DropBroadcastAsync), nameof(IWorkerGrain.RenewLeaseAsync), nameof(IWorkerGrain.HoldAsync),
            nameof(IWorkerGrain.ReleaseAsync), nameof(IWorkerGrain.KeptAsync), nameof(IWorkerGrain.WriteRecordAsync),
            nameof(IWorkerGrain.ReadRecordAsync), nameof(IWorkerGrain.RecordsAsync), nameof(IWorkerGrain.ForgetCodeAsync),
            nameof(IWorkerGrain.EventsAsync), nameof(IWorkerGrain.SaidAsync), nameof(IWorkerGrain.WitnessedAsync),
            nameof(IWorkerGrain.NoteDeathsAsync), nameof(IWorkerGrain.MeetAsync), nameof(IWorkerGrain.PrepareAsync)),

        // A link to the page shows whoever made it what he may see.
        .. Of<IHistoryGrain>(Rights.Read, nameof(IHistoryGrain.InviteAsync)),
        .. Of<IHistoryGrain>(
            Rights.Administer, nameof(IHistoryGrain.PulseAsync), nameof(IHistoryGrain.HistoryAsync), nameof(IHistoryGrain.HeldAsync),
            nameof(IHistoryGrain.LogAsync), nameof(IHistoryGrain.LinesAsync)),
    ];

    /// <summary>Whether somebody may make this call.</summary>
    /// <param name="method">Null when Orleans does not know which one it is.</param>
    public static bool Allows(Principal caller, MethodInfo? method) =>
        caller.MayAll
        || (method?.DeclaringType is { } grain
            && (s_rows.TryGetValue((grain, method.Name), out var needs) ? caller.May(needs) : grain.FullName == Manifest));

    private static IEnumerable<(Type Grain, string Method, Rights Needs)> Of<TGrain>(Rights needs, params string[] methods) =>
        methods.Select(method => (typeof(TGrain), method, needs));
}
