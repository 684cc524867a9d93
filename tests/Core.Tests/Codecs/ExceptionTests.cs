namespace MicroSpark.Tests.Codecs;

public class ExceptionTests
{
    [Fact]
    public void Errors_keep_their_type_message_stack_inner_error_and_fields()
    {
        var copy = RoundTrip.Of(Thrown(new OrderException("bad", new ArgumentException("wrong", "count")) { Order = 7, Log = new MemoryStream() }));

        var order = Assert.IsType<OrderException>(copy);
        Assert.Equal("bad", order.Message);
        Assert.Equal(7, order.Order);
        Assert.Null(order.Log);
        Assert.Contains(nameof(Thrown), order.StackTrace!, StringComparison.Ordinal);
        Assert.Equal("count", Assert.IsType<ArgumentException>(order.InnerException).ParamName);
        Assert.Contains("bad", order.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_of_the_framework_leave_behind_what_cannot_travel()
    {
        using CancellationTokenSource source = new();
        var copy = RoundTrip.Of(new OperationCanceledException("stop", source.Token));
        Assert.Equal(("stop", CancellationToken.None), (copy.Message, copy.CancellationToken));
        Assert.Equal(404, (int)RoundTrip.Of(new HttpRequestException("x", null, System.Net.HttpStatusCode.NotFound)).StatusCode!);
        Assert.Equal("f.txt", RoundTrip.Of<Exception>(new FileNotFoundException("none", "f.txt")) is FileNotFoundException file ? file.FileName : "");
    }

    [Fact]
    public void Inner_errors_are_shared_not_doubled()
    {
        var copy = RoundTrip.Of(new AggregateException("all", new TimeoutException("a"), new OrderException("b", null)));
        Assert.Equal(["a", "b"], copy.InnerExceptions.Select(static e => e.Message));
        Assert.Same(copy.InnerException, copy.InnerExceptions[0]);
        Assert.Equal("all (a) (b)", copy.Message);
    }

    private static Exception Thrown(Exception error)
    {
        try
        {
            throw error;
        }
        catch (OrderException caught)
        {
            return caught;
        }
    }

    private sealed class OrderException(string message, Exception? inner) : Exception(message, inner)
    {
        public int Order { get; init; }

        public object? Log { get; init; }
    }
}
