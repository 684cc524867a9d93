using System.Collections.Immutable;
using System.Reflection;
using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Tests.Codecs;

public class RefusalTests
{
    [Fact]
    public void A_declared_type_is_refused_with_the_path()
    {
        var error = Assert.Throws<NotEncodableException>(() => ValueCodec.EnsureEncodable(typeof(OrderWithWriter)));
        Assert.Equal("OrderWithWriter.Lines[].logger", error.Path);
        Assert.Contains("StreamWriter", error.Message, StringComparison.Ordinal);
        Assert.Contains("MapPartitions", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_behind_a_wider_type_is_refused_with_the_path()
    {
        Order order = new() { Lines = { new Line(), new LoggedLine { logger = new MemoryStream() } } };
        ValueCodec.EnsureEncodable(typeof(Order));
        var error = Assert.Throws<NotEncodableException>(() => ValueCodec.Encode(order, CodeSpace.Process));
        Assert.Equal("Order.Lines[].logger", error.Path);
        error = Assert.Throws<NotEncodableException>(() => RoundTrip.Many(order));
        Assert.Equal("Order[][].Lines[].logger", error.Path);
    }

    [Theory]
    [InlineData(typeof(Stream))]
    [InlineData(typeof(FileStream))]
    [InlineData(typeof(TextWriter))]
    [InlineData(typeof(Thread))]
    [InlineData(typeof(Timer))]
    [InlineData(typeof(Task))]
    [InlineData(typeof(Task<int>))]
    [InlineData(typeof(ValueTask<int>))]
    [InlineData(typeof(CancellationToken))]
    [InlineData(typeof(CancellationTokenSource))]
    [InlineData(typeof(SemaphoreSlim))]
    [InlineData(typeof(Lazy<int>))]
    [InlineData(typeof(WeakReference<string>))]
    [InlineData(typeof(MethodInfo))]
    [InlineData(typeof(HttpClient))]
    [InlineData(typeof(System.Diagnostics.Process))]
    [InlineData(typeof(System.Runtime.InteropServices.GCHandle))]
    [InlineData(typeof(RuntimeTypeHandle))]
    [InlineData(typeof(List<int>.Enumerator))]
    [InlineData(typeof(Rdd<int>))]
    [InlineData(typeof(Disposable))]
    [InlineData(typeof(WithPointer))]
    [InlineData(typeof(int*[]))]
    [InlineData(typeof(DictionaryOfMine))]
    [InlineData(typeof((int, List<Stream>)))]
    [InlineData(typeof(Dictionary<string, Timer?>))]
    public void What_belongs_to_a_process_is_refused(Type type)
    {
        var error = Assert.Throws<NotEncodableException>(() => ValueCodec.EnsureEncodable(type));
        Assert.NotEmpty(error.Path);
    }

    [Fact]
    public void A_pointer_behind_a_wider_type_is_refused()
    {
        object value = new WithPointer();
        var error = Assert.Throws<NotEncodableException>(() => ValueCodec.Encode(value, CodeSpace.Process));
        Assert.Contains("WithPointer.At", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Paths_name_properties_keys_values_and_tuple_items()
    {
        Assert.Equal("(int, Dictionary<string, Stream>).Item2.Values[]", PathOf(typeof((int, Dictionary<string, Stream>))));
        Assert.Equal("KeyValuePair<int, Timer[]>.value[]", PathOf(typeof(KeyValuePair<int, Timer[]>)));

        static string PathOf(Type type) => Assert.Throws<NotEncodableException>(() => ValueCodec.EnsureEncodable(type)).Path;
    }

    [Fact]
    public void Lazy_sequences_are_refused_with_the_way_out()
    {
        IEnumerable<int>[] sequences = [new[] { 1, 2 }.Where(static x => x > 1), Yielded(), Enumerable.Range(0, 9).Select(static x => x)];
        foreach (var lazy in sequences)
        {
            var error = Assert.Throws<NotEncodableException>(() => ValueCodec.Encode(lazy, CodeSpace.Process));
            Assert.Contains("ToList()", error.Message, StringComparison.Ordinal);
        }

        static IEnumerable<int> Yielded()
        {
            yield return 1;
        }
    }

    [Fact]
    public void A_collection_that_must_be_complete_first_may_not_contain_itself()
    {
        // Entered at the node the list is complete before anything refers to it; entered at the list it is not.
        Node node = new();
        ImmutableList<Node> list = [node];
        node.Tag = list;
        var error = Assert.Throws<NotEncodableException>(() => ValueCodec.Encode(list, CodeSpace.Process));
        Assert.Contains("contains itself", error.Message, StringComparison.Ordinal);
        var copy = RoundTrip.Of(node);
        Assert.Same(copy, Assert.IsType<ImmutableList<Node>>(copy.Tag)[0]);
    }

    [Theory]
    [InlineData(typeof(int))]
    [InlineData(typeof(string))]
    [InlineData(typeof(Node))]
    [InlineData(typeof(Tree))]
    [InlineData(typeof(object))]
    [InlineData(typeof(IDisposable))]
    [InlineData(typeof(Dictionary<string, List<(int, Person?)>>))]
    [InlineData(typeof(WithTransient))]
    public void What_can_travel_is_accepted(Type type) => ValueCodec.EnsureEncodable(type);

    [Theory]
    [InlineData(typeof(int), true)]
    [InlineData(typeof(string), true)]
    [InlineData(typeof((string, int)), true)]
    [InlineData(typeof(Point3), true)]
    [InlineData(typeof(Employee), true)]
    [InlineData(typeof(SealedPair), true)]
    [InlineData(typeof(Person), false)]
    [InlineData(typeof(SealedMutable), false)]
    [InlineData(typeof(int[]), false)]
    [InlineData(typeof(List<int>), false)]
    [InlineData(typeof(object), false)]
    [InlineData(typeof(DateTime?), true)]
    [InlineData(typeof((string, int[])), false)]
    [InlineData(typeof(DayOfWeek), true)]
    [InlineData(typeof(ImmutableArray<string>), true)]
    [InlineData(typeof(ImmutableArray<int[]>), false)]
    public void Only_what_nobody_can_change_is_shared(Type type, bool shareable) => Assert.Equal(shareable, ValueCodec.IsShareable(type));

    private sealed record SealedPair(string Name, (int, DateTime?) Value);

    private sealed class SealedMutable
    {
        public string Name = "";
    }

    private sealed class Disposable : IDisposable
    {
        public void Dispose()
        {
        }
    }

    private sealed unsafe class WithPointer
    {
        public int* At = null;
    }

    private sealed class DictionaryOfMine : Dictionary<string, int>;
}
