using MicroSpark.Grains.Rdds;
using MicroSpark.Model;

namespace MicroSpark.Tests.Rdds;

/// <summary>Every event in every state: where it leads, or that nothing happens.</summary>
public sealed class PartitionStateTests
{
    private const string Nothing = "-";

    private static readonly Block s_block = new(0, new AttemptId(1), 7);
    private static readonly Computation s_mine = new([0], static () => { }, static _ => { });
    private static readonly Computation s_other = new([0], static () => { }, static _ => { });

    /// <summary>Twice is Computed with a second copy.</summary>
    private static readonly string[] s_states = ["Missing", "InFlight", "Computed", "Twice", "Copying"];

    private static readonly Dictionary<string, string[]> s_table = new()
    {
        ["Start"] = ["InFlight", "-", "-", "-", "-"],
        ["Compute"] = ["Computed", "Computed", "Computed", "Computed", "Computed"],
        ["Find the block"] = ["Computed", "Computed", "-", "-", "-"],
        ["Find its copy"] = ["Computed", "Computed", "Twice", "Twice", "Twice"],
        ["Find another attempt"] = ["Computed", "Computed", "-", "-", "-"],
        ["Drop"] = ["-", "Missing", "-", "-", "-"],
        ["Drop by another"] = ["-", "-", "-", "-", "-"],
        ["Copy"] = ["-", "-", "Copying", "-", "-"],
        ["PutCopy"] = ["-", "-", "Twice", "Twice", "Twice"],
        ["PutCopy of another attempt"] = ["-", "-", "-", "-", "-"],
        ["PutCopy where it is"] = ["-", "-", "-", "-", "-"],
        ["Settle"] = ["-", "-", "-", "-", "Computed"],
        ["Lose"] = ["-", "-", "Missing", "Computed", "Missing"],
        ["Lose the copy"] = ["-", "-", "-", "Computed", "-"],
        ["Lose elsewhere"] = ["-", "-", "-", "-", "-"],
        ["Lose everywhere"] = ["-", "-", "Missing", "Missing", "Missing"],
        ["Forget"] = ["Missing", "InFlight", "Missing", "Missing", "Missing"],
    };

    public static IEnumerable<object[]> All =>
        from row in s_table from cell in s_states.Zip(row.Value) select new object[] { cell.First, row.Key, cell.Second };

    [Theory]
    [MemberData(nameof(All))]
    public void Each_event_leads_where_the_table_says(string state, string transition, string expected) =>
        Assert.Equal(expected, Take(In(state), transition) is { } next ? NameOf(next) : Nothing);

    [Fact]
    public void The_table_names_every_state()
    {
        var types = typeof(PartitionState).GetNestedTypes().Where(t => t.IsSealed).Select(t => t.Name);
        Assert.Equal(s_states.Where(s => s != "Twice").Order(), types.Order());
    }

    /// <summary>A block that is computed again must come out the same, unless its inputs have changed.</summary>
    [Fact]
    public void The_fingerprint_outlives_the_block_and_not_its_inputs()
    {
        var missing = In("Computed").Lose(0)!;
        Assert.Equal(7ul, missing.Fingerprint);
        var flight = missing.Start(s_mine)!;
        Assert.Equal(7ul, flight.Fingerprint);
        Assert.Equal(7ul, flight.Drop(s_mine)!.Fingerprint);
        Assert.Null(flight.Forget()!.Fingerprint);
        Assert.Null(missing.Forget()!.Fingerprint);
        Assert.Null(PartitionState.Missing.Never.Forget());
    }

    [Fact]
    public void The_second_copy_takes_the_blocks_place() =>
        Assert.Equal(s_block with { Worker = 1 }, Assert.IsType<PartitionState.Computed>(In("Twice").Lose(0)).Block);

    private static string NameOf(PartitionState state) => state is PartitionState.Computed { Block.Copy: not null } ? "Twice" : state.GetType().Name;

    private static PartitionState In(string state) => state switch
    {
        "Missing" => new PartitionState.Missing(7),
        "InFlight" => new PartitionState.InFlight(s_mine, 7),
        "Computed" => new PartitionState.Computed(s_block),
        "Twice" => new PartitionState.Computed(s_block with { Copy = 1 }),
        _ => new PartitionState.Copying(s_block),
    };

    private static PartitionState? Take(PartitionState state, string transition) => transition switch
    {
        "Start" => state.Start(s_other),
        "Compute" => state.Compute(new Block(2, new AttemptId(3), 7)),
        "Find the block" => state.Find(s_block),
        "Find its copy" => state.Find(s_block with { Worker = 1 }),
        "Find another attempt" => state.Find(new Block(1, new AttemptId(9), 7)),
        "Drop" => state.Drop(s_mine),
        "Drop by another" => state.Drop(s_other),
        "Copy" => state.Copy(),
        "PutCopy" => state.PutCopy(1, new AttemptId(1)),
        "PutCopy of another attempt" => state.PutCopy(1, new AttemptId(9)),
        "PutCopy where it is" => state.PutCopy(0, new AttemptId(1)),
        "Settle" => state.Settle(),
        "Lose" => state.Lose(0),
        "Lose the copy" => state.Lose(1),
        "Lose elsewhere" => state.Lose(5),
        "Lose everywhere" => state.Lose(null),
        "Forget" => state.Forget(),
        _ => throw new ArgumentOutOfRangeException(nameof(transition)),
    };
}
