using System.Reflection;

namespace MicroSpark.Tests.GrainContracts;

/// <summary>What silos and clients say to each other is written down: a renumbered member or a changed call is seen before it is shipped.</summary>
public sealed class ContractTests
{
    private static readonly Type[] Types = Assembly.Load("MicroSpark.Grains").GetTypes();

    [Fact]
    public void The_grain_contracts_are_the_recorded_ones() =>
        RecordedList.AssertIs(
            "docs/grain-contracts.txt", [.. ContractList.Of(Types)], "What grains say to each other", "UPDATE_GRAIN_CONTRACTS", "GrainContracts");

    [Fact]
    public void Each_member_of_a_message_has_an_id_of_its_own()
    {
        var wrong = Types.Where(ContractList.IsMessage).SelectMany(MembersWithoutOwnId).ToArray();

        Assert.True(
            wrong.Length == 0,
            "Give each of these the next free [Id(n)], a parameter of a record [property: Id(n)]. Without it the order of declaration counts, and a " +
            $"member put in between renumbers all that follow:\n{string.Join('\n', wrong)}");
    }

    [Fact]
    public void Each_message_and_each_call_has_a_name_that_outlives_a_renaming()
    {
        var messages = Types.Where(ContractList.IsMessage).Select(type => (Place: type.Name, Alias: ContractList.AliasOf(type)));
        var interfaces = Types.Where(ContractList.IsGrainInterface).ToArray();
        var calls =
            from type in interfaces
            from method in type.GetMethods()
            select (Place: $"{type.Name}.{method.Name}", Alias: ContractList.AliasOf(method));
        var types = messages.Concat(interfaces.Select(type => (Place: type.Name, Alias: ContractList.AliasOf(type)))).ToArray();
        string[] without = [.. types.Concat(calls).Where(named => named.Alias.Length == 0).Select(named => named.Place)];
        var groups = types.GroupBy(named => named.Alias, named => named.Place).Where(group => group.Count() > 1);
        string[] twice = [.. groups.Select(group => string.Join(", ", group))];

        Assert.True(without.Length == 0, $"Give each of these an [Alias]: {string.Join(", ", without)}");
        Assert.True(twice.Length == 0, $"Two types have the same [Alias]: {string.Join("; ", twice)}");
    }

    [Fact]
    public void A_message_is_listed_with_its_ids_and_one_without_is_found()
    {
        Assert.Equal(
            ["message \"example.Numbered\" Numbered [Immutable]", "    0 int[] First", "    1 string? Second"],
            ContractList.Of([typeof(Numbered)]));
        Assert.Equal(["NotNumbered.First: no id", "NotNumbered.Third: id 1 again"], MembersWithoutOwnId(typeof(NotNumbered)));
    }

    /// <summary>A number that is given to a second field, or 0, which stands for a field of another build.</summary>
    [Fact]
    public void Each_field_of_a_record_has_a_number_of_its_own()
    {
        var fields = Types.Where(ContractList.IsRecordedFields).ToArray();
        Assert.NotEmpty(fields);
        Assert.All(fields, type => Assert.Equal(Enum.GetNames(type).Length, Enum.GetValuesAsUnderlyingType(type).Cast<byte>().Where(n => n > 0).Distinct().Count()));
    }

    private static IEnumerable<string> MembersWithoutOwnId(Type message)
    {
        var seen = new HashSet<uint>();
        foreach (var member in ContractList.DataOf(message))
        {
            if (ContractList.IdOf(member) is not { } id)
            {
                yield return $"{message.Name}.{member.Name}: no id";
            }
            else if (!seen.Add(id))
            {
                yield return $"{message.Name}.{member.Name}: id {id} again";
            }
        }
    }

    [GenerateSerializer, Immutable, Alias("example.Numbered")]
    internal sealed record Numbered([property: Id(1)] string? Second, [property: Id(0)] int[] First)
    {
        public int Count => First.Length;
    }

    /// <summary>Not marked for the generator, which would refuse it.</summary>
    internal sealed record NotNumbered(int First, [property: Id(1)] int Second, [property: Id(1)] int Third);
}
