using MicroSpark.Client.Shell;

namespace MicroSpark.Tests.Shell;

public sealed class EditBufferTests
{
    private readonly EditBuffer _buffer = new();

    [Fact]
    public void Words_are_killed_and_brought_back()
    {
        _buffer.Set("await rdd.Count");
        _buffer.KillWord();
        Assert.Equal("await rdd.", _buffer.Text);
        _buffer.Home();
        _buffer.Yank();
        Assert.Equal("Countawait rdd.", _buffer.Text);
        Assert.Equal(5, _buffer.Cursor);
    }

    [Fact]
    public void Lines_are_walked_and_left_at_the_ends()
    {
        _buffer.Set("long line\nab\nxyz");
        Assert.True(_buffer.Up());
        Assert.Equal("long line\nab".Length, _buffer.Cursor);
        Assert.True(_buffer.Up());
        Assert.Equal(2, _buffer.Cursor);
        Assert.False(_buffer.Up());
        Assert.True(_buffer.Down());
        Assert.True(_buffer.Down());
        Assert.False(_buffer.Down());
        _buffer.KillToStart();
        Assert.Equal("long line\nab\nz", _buffer.Text);
    }

    [Fact]
    public void At_either_end_nothing_is_removed()
    {
        _buffer.Backspace();
        _buffer.Delete();
        _buffer.Set("a");
        _buffer.Delete();
        Assert.Equal("a", _buffer.Text);
        _buffer.Left();
        _buffer.Left();
        _buffer.Backspace();
        Assert.Equal("a", _buffer.Text);
        _buffer.Delete();
        Assert.True(_buffer.IsEmpty);
    }

    [Theory]
    [InlineData("🙂")]
    [InlineData("é")]
    [InlineData("👩‍🚀")]
    public void What_looks_like_one_character_is_one(string one)
    {
        _buffer.Set($"a{one}b");
        _buffer.Left();
        _buffer.Left();
        Assert.Equal(1, _buffer.Cursor);
        _buffer.Right();
        _buffer.Backspace();
        Assert.Equal("ab", _buffer.Text);
        _buffer.Insert(one);
        _buffer.Left();
        _buffer.Delete();
        Assert.Equal(("ab", 1), (_buffer.Text, _buffer.Cursor));
    }

    [Fact]
    public void Word_moves_stop_at_words()
    {
        _buffer.Set("one.two(three)");
        _buffer.WordLeft();
        Assert.Equal("one.two(".Length, _buffer.Cursor);
        _buffer.Home();
        _buffer.WordRight();
        Assert.Equal("one".Length, _buffer.Cursor);
    }
}
