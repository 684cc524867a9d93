using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Model;

namespace MicroSpark.Tests.Codecs;

public class UserTypeTests
{
    [Fact]
    public void Records_structs_and_anonymous_types_survive()
    {
        Assert.Equal(new Person("Ann", 30), RoundTrip.Of(new Person("Ann", 30)));
        Assert.Equal(new Point3(1, 2, null), RoundTrip.Of(new Point3(1, 2, null)));
        Assert.Equal(new Pair<Person, int?>(new("Bo", 1), null), RoundTrip.Of(new Pair<Person, int?>(new("Bo", 1), null)));
        Assert.Equal(new { Name = "x", Count = 3 }, RoundTrip.Of(new { Name = "x", Count = 3 }));
        Assert.Null(RoundTrip.Of<Person?>(null));
    }

    [Fact]
    public void MicroSparks_own_types_survive_also_behind_object()
    {
        Assert.Equal(Optional<string>.Some("x"), RoundTrip.Of(Optional<string>.Some("x")));
        Assert.Equal(("k", Optional<Person>.None), RoundTrip.Of(("k", Optional<Person>.None)));
        object[] items = [Optional<int>.Some(3), Optional<int>.None, new HashPartitioner<string>(4)];
        Assert.Equal(items, RoundTrip.Of(items));
    }

    [Fact]
    public void Delegates_inside_values_of_plans_keep_working_and_share_what_they_capture()
    {
        int[] count = [0];
        Func<int, int> add = x => count[0] += x;
        (Func<int, int> First, Func<int, int> Second, object Third) copy = RoundTrip.OfPlan((add, add, (object)Comparer<int>.Create((a, b) => b - a)));
        Assert.Same(copy.First, copy.Second);
        Assert.Equal((2, 5), (copy.First(2), copy.Second(3)));
        Assert.Equal(0, count[0]);
        Assert.Equal(1, ((IComparer<int>)copy.Third).Compare(1, 2));
    }

    [Fact]
    public void Private_and_inherited_state_survives()
    {
        NamedCounter counter = new("c");
        counter.Increment();
        counter.Describe();

        Assert.Equal("c:101:1", RoundTrip.Of(counter).Describe());
    }

    [Fact]
    public void Subclasses_keep_their_type_behind_bases_interfaces_and_object()
    {
        var people = RoundTrip.Of<List<Person>>([new("Ann", 1), new Employee("Bo", 2, 3.50m)]);
        Assert.Equal(new Employee("Bo", 2, 3.50m), people[1]);
        Assert.IsType<Employee>(people[1]);

        var shapes = RoundTrip.Of<Shape[]>([new Circle { Radius = 2 }, new Square { Side = 3, Color = "blue" }, new Circle()]);
        Assert.Equal(2, Assert.IsType<Circle>(shapes[0]).Radius);
        Assert.Equal("blue", Assert.IsType<Square>(shapes[1]).Color);

        object[] mixed = [1, "two", new Person("Ann", 1), new[] { 1, 2 }, DayOfWeek.Monday, (1, "x"), new List<int> { 4 }];
        Assert.Equal(mixed, RoundTrip.Of(mixed));
        Assert.Equal<IReadOnlyList<int>>([1, 2, 3], RoundTrip.Of<IReadOnlyList<int>>([1, 2, 3]));
        Assert.Equal<IEnumerable<int>>([7], RoundTrip.Of<IEnumerable<int>>([7]));
        Assert.Equal<object[]>(["a"], RoundTrip.Of<object[]>(new string[] { "a" }));
    }

    [Fact]
    public void Shared_objects_stay_shared()
    {
        Person shared = new("Ann", 1);
        var copy = RoundTrip.Of<Person[]>([shared, new("Ann", 1), shared]);
        Assert.Same(copy[0], copy[2]);
        Assert.NotSame(copy[0], copy[1]);

        var pair = RoundTrip.Of<(object, IReadOnlyList<int>)>(Twice(new List<int> { 1 }));
        Assert.Same(pair.Item1, pair.Item2);
        var run = RoundTrip.Many(shared, shared);
        Assert.Same(run[0], run[1]);

        static (object, IReadOnlyList<int>) Twice(List<int> list) => (list, list);
    }

    [Fact]
    public void Cycles_stay_cycles()
    {
        Node ring = new() { Value = 1, Next = new() { Value = 2 } };
        ring.Next.Next = ring;
        ring.Tag = ring;
        var copy = RoundTrip.Of(ring);
        Assert.Same(copy, copy.Next!.Next);
        Assert.Same(copy, copy.Tag);

        Tree root = new() { Name = "root" };
        root.Children.Add(new Tree { Name = "leaf", Parent = root });
        var tree = RoundTrip.Of(root);
        Assert.Same(tree, tree.Children[0].Parent);

        List<object> self = [];
        self.Add(self);
        var selfCopy = RoundTrip.Of(self);
        Assert.Same(selfCopy, selfCopy[0]);
        var array = new object[1];
        array[0] = array;
        var arrayCopy = RoundTrip.Of(array);
        Assert.Same(arrayCopy, arrayCopy[0]);
    }

    [Fact]
    public void Keys_in_a_cycle_are_found_again()
    {
        Club club = new();
        Member ann = new() { Club = club, Name = "Ann" };
        club.Fees.Add(ann, 5);
        club.Members.Add(ann);

        var copy = RoundTrip.Of(ann);

        Assert.Equal(5, copy.Club!.Fees[new Member { Name = "Ann" }]);
        Assert.Contains(copy, copy.Club.Members);
        Assert.Same(copy, Assert.Single(copy.Club.Fees).Key);
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(300_000)]
    public void A_deep_list_does_not_overflow_the_stack(int length)
    {
        Node? head = null;
        for (var i = 0; i < length; i++)
        {
            head = new Node { Value = i, Next = head };
        }

        var copy = ValueCodec.Decode<Node?>(ValueCodec.Encode(head, CodeSpace.Process), CodeSpace.Process);

        var count = 0;
        for (; copy is not null; copy = copy.Next)
        {
            Assert.Equal(length - 1 - count++, copy.Value);
        }

        Assert.Equal(length, count);
    }

    [Fact]
    public void Fields_marked_as_not_serialized_stay_behind()
    {
        var copy = RoundTrip.Of(new WithTransient { Log = Stream.Null, Kept = 3 });
        Assert.Null(copy.Log);
        Assert.Equal(3, copy.Kept);
    }

    [Fact]
    public void A_users_list_keeps_its_own_fields()
    {
        Bag bag = [1, 2, 3];
        bag.Owner = "me";
        var copy = RoundTrip.Of(bag);
        Assert.Equal([1, 2, 3], copy);
        Assert.Equal("me", copy.Owner);
    }

    [Fact]
    public void The_assemblies_that_a_reader_needs_are_told()
    {
        ValueCodec.Encode<object>(new Person("Ann", 1), CodeSpace.Process, out var assemblies);
        Assert.Equal([CodeSpace.Process.IdOf(typeof(Person).Assembly)!.Value], assemblies);
        ValueCodec.Encode<object>(5, CodeSpace.Process, out assemblies);
        Assert.Empty(assemblies);
    }
}
