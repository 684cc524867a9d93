namespace MicroSpark.Codecs;

/// <summary>What one encoding's reading has met so far: the mirror of <see cref="WriteState"/>.</summary>
internal sealed class ReadState
{
    private const int KeptCapacity = 1 << 16;

    [ThreadStatic]
    private static ReadState? t_spare;

    /// <summary>The objects by number; null while an object that comes after its parts is still being read.</summary>
    public List<object?> Objects { get; private set; } = [];

    public ReadTypeTable Types { get; } = new();

    public List<Action> Deferred { get; } = [];

    /// <summary>The lowest number that a reference went back to, since the one who asks set it to <see cref="int.MaxValue"/>.</summary>
    public int LowestBackReference { get; set; } = int.MaxValue;

    /// <inheritdoc cref="WriteState.Partial" />
    public Dictionary<int, HashSet<FieldKey>>? Partial { get; set; }

    public static ReadState Rent()
    {
        var state = t_spare ?? new ReadState();
        t_spare = null;
        return state;
    }

    public void RunDeferred()
    {
        // In the order in which reading ended: what is inside comes before what is around it.
        foreach (var action in Deferred)
        {
            action();
        }

        Deferred.Clear();
    }

    public void Return()
    {
        if (Objects.Capacity > KeptCapacity)
        {
            Objects = [];
        }

        Objects.Clear();
        Types.Clear();
        Deferred.Clear();
        Partial = null;
        LowestBackReference = int.MaxValue;
        t_spare = this;
    }
}
