using MicroSpark.Grains.Contracts;

namespace MicroSpark.Grains.Rdds;

/// <summary>
/// Who wants what of one recipe. This is the one place where a <see cref="WishState"/> changes. For one thread at a time: the turns of the
/// RddGrain.
/// </summary>
/// <param name="silence">How long a requester may not ask before it counts as gone.</param>
/// <param name="moved">Called after each change, with the wish's request, the transition and why.</param>
internal sealed class WishList(TimeProvider time, TimeSpan silence, Action<EnsureRequest, string, string>? moved = null)
{
    private readonly Dictionary<RequesterId, Wish> _wishes = [];

    public IReadOnlyList<EnsureRequest> Requests => [.. _wishes.Values.Select(static w => w.Request)];

    /// <summary>Notes a wish; it takes the place of the requester's earlier one.</summary>
    public void Ensure(EnsureRequest request)
    {
        var wish = new Wish(request, time.GetTimestamp());
        _wishes[request.Requester] = wish;
        moved?.Invoke(request, nameof(Ensure), wish.Partitions is { } some ? $"{some.Length} partitions" : "all partitions");
    }

    /// <summary>The requester waits, and so is there. True while there is something to wait for.</summary>
    public bool Wait(RequesterId requester, BlockTable table)
    {
        if (!_wishes.TryGetValue(requester, out var wish) || wish.State.Judge(table) is not WishState.Pending)
        {
            return false;
        }

        wish.Asked = time.GetTimestamp();
        return true;
    }

    /// <summary>How the wish stands, for its requester: one that is granted or has failed ends with being told so.</summary>
    public WishState Tell(RequesterId requester, BlockTable table)
    {
        if (!_wishes.TryGetValue(requester, out var wish))
        {
            return WishState.Unknown.Instance;
        }

        var state = wish.State.Judge(table);
        if (state is not WishState.Pending)
        {
            _wishes.Remove(requester);
        }

        if (state is WishState.Granted)
        {
            moved?.Invoke(wish.Request, "Grant", "all is there");
        }

        return state;
    }

    public bool IsPending(EnsureRequest request, BlockTable table) => Find(request)?.State.Judge(table) is WishState.Pending;

    /// <summary>Fails all wishes for any of the partitions.</summary>
    public void Fail(int[] partitions, StageFailure failure)
    {
        var failed = partitions.ToHashSet();
        foreach (var wish in _wishes.Values.Where(w => w.Partitions?.Any(failed.Contains) ?? true))
        {
            Fail(wish, failure);
        }
    }

    /// <summary>Fails one wish, unless another one has taken its place.</summary>
    public void Fail(EnsureRequest request, StageFailure failure)
    {
        if (Find(request) is { } wish)
        {
            Fail(wish, failure);
        }
    }

    /// <summary>The requester wants nothing any more.</summary>
    public bool Withdraw(RequesterId requester)
    {
        if (!_wishes.Remove(requester, out var wish))
        {
            return false;
        }

        moved?.Invoke(wish.Request, nameof(Withdraw), "nobody wants it any more");
        return true;
    }

    /// <summary>Requesters that have not asked for long are gone.</summary>
    public void Silence()
    {
        foreach (var (requester, wish) in _wishes)
        {
            if (time.GetElapsedTime(wish.Asked) > silence)
            {
                _wishes.Remove(requester);
                moved?.Invoke(wish.Request, nameof(Silence), "its requester does not ask any more");
            }
        }
    }

    /// <summary>Whether anybody wants any part of what is being computed.</summary>
    public bool Want(Computation computation, BlockTable table) => _wishes.Values.Any(w => Wants(w, computation, table));

    /// <summary>The jobs that wait for what is being computed, in the order of their ids.</summary>
    public JobStake[] Waiting(Computation computation, BlockTable table)
    {
        // Nearly always the one that had it started.
        var wanting = _wishes.Count == 1 ? _wishes.Values : _wishes.Values.Where(w => Wants(w, computation, table));
        return [.. wanting.Select(static w => new JobStake(w.Request.Context, w.Request.Job, w.Request.Policy.Share)).Distinct()
            .OrderBy(static s => s.Job.Value)];
    }

    /// <summary>Null when the wish has ended, or another one has taken its place.</summary>
    private Wish? Find(EnsureRequest request) =>
        _wishes.TryGetValue(request.Requester, out var wish) && ReferenceEquals(wish.Request, request) ? wish : null;

    private static bool Wants(Wish wish, Computation computation, BlockTable table) =>
        wish.Partitions?.Any(p => table[p] is PartitionState.InFlight flight && flight.By == computation) ?? true;

    private void Fail(Wish wish, StageFailure failure)
    {
        if (wish.State.Fail(failure) is { } failed)
        {
            wish.State = failed;
            moved?.Invoke(wish.Request, nameof(Fail), Describe(failure));
        }
    }

    private static string Describe(StageFailure failure) => failure switch
    {
        StageFailure.TaskFailed f => $"stage {f.Stage}, partition {f.Report.Partition}: {f.Report.Failure?.Message}",
        StageFailure.Broken f => $"stage {f.Stage}: {f.Error.Message}",
        _ => failure.GetType().Name,
    };

    private sealed class Wish
    {
        public Wish(EnsureRequest request, long asked)
        {
            (Request, Asked, Partitions) = (request, asked, request.Partitions?.ToArray());
            State = new WishState.Pending(Partitions);
        }

        public EnsureRequest Request { get; }

        /// <summary>Null for all.</summary>
        public int[]? Partitions { get; }

        public long Asked { get; set; }

        public WishState State { get; set; }
    }
}
